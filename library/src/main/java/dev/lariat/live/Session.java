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
import org.jspecify.annotations.Nullable;

/**
 * A session of a {@link LiveWebSocket} that is being opened. The opening step uses it to log in, to
 * subscribe or to resume. Lariat sends no other message of yours before the step returns. Messages
 * that arrive during the step and that the step does not {@link #receive} are delivered to the
 * owner after it. You can keep the session after the step, to send what makes sense only in this
 * session, such as a heartbeat.
 *
 * <p>{@link #receive} is for the thread of the step. You can call the other methods from any
 * thread.
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

  /** What it is a handle of. */
  SocketSession session() {
    return session;
  }

  /** {@return its endpoint} */
  public Endpoint endpoint() {
    return session.endpoint();
  }

  /** {@return the headers of the response that accepted the upgrade} */
  public Headers headers() {
    return acceptance.headers();
  }

  /** {@return the subprotocol that the server chose, if it chose one} */
  public Optional<String> subprotocol() {
    return acceptance.subprotocol();
  }

  /** {@return why the previous session or attempt ended; empty for the very first} */
  public Optional<Reason> last() {
    return last;
  }

  /**
   * Sends frames on this session only, like {@link WebSocket#send}.
   *
   * @param frames the frames, in their order
   * @throws IllegalArgumentException if one is a close frame; to end the session, throw an
   *     exception from the step
   * @throws IllegalStateException as for {@code WebSocket.send}
   * @throws FailedException as for {@code WebSocket.send}, or if the session has ended
   */
  public void send(Frame... frames) {
    for (Frame frame : frames) {
      LiveWebSocket.refuseClose(frame);
    }
    session.send(frames);
  }

  /**
   * Takes the next frame that the server has sent. Blocks until there is one, for at most this
   * long. It returns pings and pongs only if {@code silencePings} is false. Messages that are not
   * frames, such as parts or the values of a subprotocol handler, stay for the owner.
   *
   * @param timeout the longest time to wait
   * @return the frame
   * @throws FailedException if the wait times out, if the session has ended, with the reason, or if
   *     the thread was interrupted while it waited; what has arrived before is returned first
   * @throws IllegalStateException if the step has returned
   */
  public Frame receive(Duration timeout) {
    long start = session.machine().nanos();
    Mailbox arrived = session.opening();
    while (true) {
      Message message = next(arrived, timeout.minusNanos(session.machine().nanos() - start));
      if (message == null) {
        throw new FailedException(new Reason.Timeout(Step.RECEIVE, timeout));
      }
      if (message instanceof WebSocketFrame(var stream, var frame)) {
        return frame;
      }
      session.refuseEnded(message);
      session.putAside(message);
    }
  }

  /** The end of the session interrupts the step: what arrived before it is still there. */
  private static @Nullable Message next(Mailbox arrived, Duration timeout) {
    boolean interrupted = false;
    while (true) {
      try {
        Message message = arrived.take(interrupted ? Duration.ZERO : timeout);
        if (interrupted && message == null) {
          throw Await.interrupted("receive");
        }
        if (interrupted) {
          Thread.currentThread().interrupt(); // for what the step does next
        }
        return message;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
