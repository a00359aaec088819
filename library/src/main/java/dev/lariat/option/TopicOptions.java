package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of {@code Topics}: what the server allows, and what happens to slow readers. */
public final class TopicOptions {

  /** The defaults of every option. */
  public static final TopicOptions DEFAULT = new TopicOptions(new Values());

  /** What happens to the messages of a topic while the mailbox of a reader is full. */
  public enum Overflow {
    /**
     * Nothing is lost: Lariat stops reading the socket of the topic until the mailbox is half
     * empty. All other topics of that socket wait, too.
     */
    BLOCK,
    /**
     * Lariat drops the messages for this reader only. A {@code Notice} with {@code Dropped} reports
     * how many, before the next message that the reader gets.
     */
    DROP
  }

  private final Values values;

  private TopicOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many topics a socket may have} */
  public int perSocket() {
    return values.perSocket;
  }

  /**
   * Sets how many topics a socket may have: 1 to 2^30, 2^30 by default, so that one socket has all
   * of them. Set what your server allows.
   *
   * @param perSocket the number of topics
   * @return a copy of these options with this value
   */
  public TopicOptions perSocket(int perSocket) {
    return with(draft -> draft.perSocket = perSocket);
  }

  /** {@return how many sockets may be open} */
  public int sockets() {
    return values.sockets;
  }

  /**
   * Sets how many sockets may be open: 1 to 10000, 100 by default. It stops a program that opens
   * topics without end. If all sockets are full, a new topic takes the place of one that only
   * lingers. If there is none, its reader ends with {@code Limit} and {@code TOPICS}.
   *
   * @param sockets the number of sockets
   * @return a copy of these options with this value
   */
  public TopicOptions sockets(int sockets) {
    return with(draft -> draft.sockets = sockets);
  }

  /** {@return how many topics the rule gets at once} */
  public int batch() {
    return values.batch;
  }

  /**
   * Sets how many topics the rule gets at once, to subscribe or to unsubscribe them: 1 to 1000000,
   * 1 by default. Raise it if your server takes lists.
   *
   * @param batch the number of topics
   * @return a copy of these options with this value
   */
  public TopicOptions batch(int batch) {
    return with(draft -> draft.batch = batch);
  }

  /** {@return how long a topic stays subscribed after its last reader has closed} */
  public Duration linger() {
    return values.linger;
  }

  /**
   * Sets how long a topic stays subscribed after its last reader has closed: 0 to 365 days, 5 s by
   * default. A reader that opens the topic within that time sends nothing to the server.
   *
   * @param linger the time
   * @return a copy of these options with this value
   */
  public TopicOptions linger(Duration linger) {
    return with(draft -> draft.linger = linger);
  }

  /** {@return how long the server may take to acknowledge a subscription} */
  public Optional<Duration> acknowledgement() {
    return values.acknowledgement;
  }

  /**
   * Sets that the server acknowledges each subscription, and how long that may take: 1 ms to 365
   * days. If it takes longer, the readers of the topic end with {@code Timeout} and {@code
   * SUBSCRIBE}. The time starts when the subscription is sent or, in an opening step, when the
   * session is open; time in which a full mailbox blocks the socket does not count. By default, a
   * topic counts as subscribed when its subscription was sent. A message of the topic also
   * acknowledges it.
   *
   * <p>Set it if the server names topics by channels: a topic is then unsubscribed only after its
   * acknowledgement, when the channel is known.
   *
   * @param acknowledgement the timeout
   * @return a copy of these options with this value
   */
  public TopicOptions acknowledgement(Duration acknowledgement) {
    return with(draft -> draft.acknowledgement = Range.some("acknowledgement", acknowledgement));
  }

  /** {@return the rate of subscriptions} */
  public Optional<Budget> pace() {
    return values.pace;
  }

  /**
   * Sets the rate of subscriptions on all sockets together; no limit by default. Each batch that is
   * subscribed or unsubscribed takes one from the budget: {@code AttemptBudget.perSecond(5, 10)}.
   *
   * @param pace the budget
   * @return a copy of these options with this value
   */
  public TopicOptions pace(Budget pace) {
    return with(draft -> draft.pace = Range.some("pace", pace));
  }

  /** {@return what happens while the mailbox of a reader is full} */
  public Overflow overflow() {
    return values.overflow;
  }

  /**
   * Sets what happens while the mailbox of a reader is full; {@link Overflow#BLOCK} by default. A
   * reader can have its own rule.
   *
   * @param overflow what happens
   * @return a copy of these options with this value
   */
  public TopicOptions overflow(Overflow overflow) {
    return with(draft -> draft.overflow = overflow);
  }

  private TopicOptions with(Consumer<Values> change) {
    return new TopicOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TopicOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "TopicOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    int perSocket = 1 << 30;
    int sockets = 100;
    int batch = 1;
    Duration linger = Duration.ofSeconds(5);
    Optional<Duration> acknowledgement = Optional.empty();
    Optional<Budget> pace = Optional.empty();
    Overflow overflow = Overflow.BLOCK;

    @Override
    void check() {
      Range.check("topics.perSocket", perSocket, 1, 1 << 30);
      Range.check("topics.sockets", sockets, 1, 10_000);
      Range.check("topics.batch", batch, 1, 1_000_000);
      Range.check("topics.linger", linger, Duration.ZERO);
      Range.check("topics.acknowledgement", acknowledgement, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "perSocket", perSocket,
        "sockets", sockets,
        "batch", batch,
        "linger", linger,
        "acknowledgement", acknowledgement,
        "pace", pace,
        "overflow", overflow
      };
    }
  }
}
