package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.internal.entrance.Await;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Endpoint;
import java.time.Duration;
import java.util.Optional;

/**
 * A session of a {@link LiveWebSocket} that is being opened: what the opening step has, to log in,
 * to subscribe, to resume. Nothing that the owner has sent goes out before the step has returned,
 * and what the server sends meanwhile and the step does not {@link #receive} is told to the owner
 * after it. Afterwards the session may be kept, to send what makes sense on it alone: a heartbeat,
 * for example.
 *
 * <p>{@link #receive} is for the thread of the step; the other methods may be called from any.
 */
public final class Session {
  private final SocketSession session;
  private final LiveSession.Acceptance acceptance;
  private final Optional<Reason> last;

  Session(SocketSession session, LiveSession.Acceptance acceptance, Optional<Reason> last) {
    this.session = session;
    this.acceptance = acceptance;
    this.last = last;
  }

  /** Where it goes. */
  public Endpoint endpoint() {
    return session.endpoint();
  }

  /** The headers of the response that accepted the upgrade. */
  public Headers headers() {
    return acceptance.headers();
  }

  /** The subprotocol that the server chose, if it chose one. */
  public Optional<String> subprotocol() {
    return acceptance.subprotocol();
  }

  /** Why the session or the attempt before this one ended; empty for the very first. */
  public Optional<Reason> last() {
    return last;
  }

  /**
   * Sends frames on this session and no other, as {@link WebSocket#send} does.
   *
   * @throws IllegalArgumentException if one is a close frame: the step throws to give a session up
   * @throws IllegalStateException as {@code WebSocket.send}
   * @throws FailedException as {@code WebSocket.send}, or if the session has ended
   */
  public void send(Frame... frames) {
    for (Frame frame : frames) {
      LiveWebSocket.refuseClose(frame);
    }
    session.send(frames);
  }

  /**
   * Takes the next frame that the server has sent; blocks until there is one, for this long at the
   * most. Pings and pongs are among them only where {@code silencePings} is false. Messages that
   * are not frames, such as parts or what a subprotocol's handler tells, stay for the owner.
   *
   * @throws FailedException if there was none in time, if the session has ended, with why, or if
   *     the thread was interrupted while it waited
   * @throws IllegalStateException if the step has returned
   */
  public Frame receive(Duration timeout) {
    long start = session.machine().nanos();
    Mailbox arrived = session.opening();
    try {
      while (true) {
        Duration left = timeout.minusNanos(session.machine().nanos() - start);
        Message message = arrived.take(left);
        if (message == null) {
          throw new FailedException(new Reason.Timeout(Step.RECEIVE, timeout));
        }
        if (message instanceof WebSocketFrame(var stream, var frame)) {
          return frame;
        }
        session.refuseEnded(message);
        session.putAside(message);
      }
    } catch (InterruptedException e) {
      throw Await.interrupted("receive");
    }
  }
}
