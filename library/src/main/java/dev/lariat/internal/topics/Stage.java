package dev.lariat.internal.topics;

import dev.lariat.message.Reason;
import dev.lariat.option.TopicRule.Subscription;
import java.time.Duration;
import java.util.List;

/**
 * Carries out what {@link Subscriptions} decides. Its methods do not call back.
 *
 * @param <R> a reader
 * @param <S> a session
 */
public interface Stage<R, S> {

  /** What became of an attempt to send. */
  enum Sent {
    /** It is sent. */
    YES,
    /** The session has no room; {@link Subscriptions#room} follows. */
    LATER,
    /** The session has ended; what becomes of its socket is told otherwise. */
    ENDED
  }

  /** Opens a socket, which is to have topics. */
  void connect(Socket<R, S> socket);

  /** Ends a socket, which has no topic any more. */
  void disconnect(Socket<R, S> socket);

  /** Subscribes these topics in a session. If it throws, their readers end. */
  Sent subscribe(Socket<R, S> socket, S session, List<String> topics);

  /** Unsubscribes these topics in a session. */
  Sent unsubscribe(Socket<R, S> socket, S session, List<Subscription> topics);

  /** Tells a reader that its topic is subscribed, in the session that this socket has. */
  void open(R reader, Socket<R, S> socket);

  /** Tells a reader that its topic is not subscribed now; see {@code Waiting}. */
  void gap(R reader, int attempt, Duration delay, Reason reason);

  /** Tells a reader its end, as the last of all. */
  void ended(R reader, Reason reason);

  /** Takes one from the budget: after how many nanoseconds it may be used. */
  long pace(long now);
}
