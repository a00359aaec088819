package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a {@code LiveEvents}. */
public final class EventOptions {

  /** The defaults of every option. */
  public static final EventOptions DEFAULT = new EventOptions(new Values());

  private final Values values;

  private EventOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the options of the connection of each session} */
  public ConnectionOptions connection() {
    return values.connection;
  }

  /**
   * Sets the options of the connection of each session. Its {@code retry} has no effect: {@code
   * healing} decides on attempts. Its {@code limits.event} limits the size of an event.
   *
   * @param connection the connection
   * @return a copy of these options with this value
   */
  public EventOptions connection(ConnectionOptions connection) {
    return with(draft -> draft.connection = connection);
  }

  /** {@return when to make another attempt, and when to give up} */
  public Healing healing() {
    return values.healing;
  }

  /**
   * Sets when to make another attempt, and when to give up; by default the number of attempts has
   * no limit. No attempt comes sooner than the server asked for with {@code retry:}.
   *
   * @param healing how sessions are replaced when they are lost
   * @return a copy of these options with this value
   */
  public EventOptions healing(Healing healing) {
    return with(draft -> draft.healing = healing);
  }

  /** {@return how one session replaces another} */
  public Rotation rotation() {
    return values.rotation;
  }

  /**
   * Sets how one session replaces another; by default, only if you call {@code rotate}.
   *
   * @param rotation when sessions are replaced
   * @return a copy of these options with this value
   */
  public EventOptions rotation(Rotation rotation) {
    return with(draft -> draft.rotation = rotation);
  }

  /** {@return how long the search for an endpoint may take} */
  public Duration endpoint() {
    return values.endpoint;
  }

  /**
   * Sets how long the search for an endpoint may take: 1 ms to 365 days, 30 s by default.
   *
   * @param endpoint the timeout
   * @return a copy of these options with this value
   */
  public EventOptions endpoint(Duration endpoint) {
    return with(draft -> draft.endpoint = endpoint);
  }

  /** {@return how long the server may take to answer a request, after the connect} */
  public Duration answer() {
    return values.answer;
  }

  /**
   * Sets how long the server may take to answer a request, after the connect: 1 ms to 365 days, 30
   * s by default. Some servers send no headers before the first event. For them, this is how long
   * the first event may take.
   *
   * @param answer the timeout
   * @return a copy of these options with this value
   */
  public EventOptions answer(Duration answer) {
    return with(draft -> draft.answer = answer);
  }

  /** {@return how long the next event may take before the session ends} */
  public Optional<Duration> between() {
    return values.between;
  }

  /**
   * Sets how long the next event may take before the session ends: 1 ms to 365 days; without limit
   * by default. Time in which the owner's mailbox is full does not count.
   *
   * @param between the time
   * @return a copy of these options with this value
   */
  public EventOptions between(Duration between) {
    return with(draft -> draft.between = Range.some("between", between));
  }

  /** {@return whether anything that the server sends counts like an event for {@code between}} */
  public boolean comments() {
    return values.comments;
  }

  /**
   * Sets whether anything that the server sends counts like an event for {@code between}, such as a
   * comment to keep the connection alive; false by default.
   *
   * @param comments whether comments count
   * @return a copy of these options with this value
   */
  public EventOptions comments(boolean comments) {
    return with(draft -> draft.comments = comments);
  }

  /** {@return how many events with an id are remembered} */
  public int remembered() {
    return values.remembered;
  }

  /**
   * Sets how many events with an id are remembered: 0 to 2^20, 4096 by default. If the server sends
   * a remembered event again in a later session, Lariat does not deliver it again. Two events are
   * the same if their id, type and data are the same.
   *
   * @param remembered the number of events
   * @return a copy of these options with this value
   */
  public EventOptions remembered(int remembered) {
    return with(draft -> draft.remembered = remembered);
  }

  /** {@return which redirects an attempt follows} */
  public Redirects redirects() {
    return values.redirects;
  }

  /**
   * Sets which redirects an attempt follows; by default up to 20, but none from {@code https} to
   * {@code http}. {@link Redirects#NONE} follows none. The next attempt begins at the endpoint
   * again, even after a permanent redirect.
   *
   * @param redirects which redirects are followed
   * @return a copy of these options with this value
   */
  public EventOptions redirects(Redirects redirects) {
    return with(draft -> draft.redirects = redirects);
  }

  private EventOptions with(Consumer<Values> change) {
    return new EventOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "EventOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    ConnectionOptions connection = ConnectionOptions.DEFAULT;
    Healing healing = Healing.DEFAULT;
    Rotation rotation = Rotation.DEFAULT;
    Duration endpoint = Duration.ofSeconds(30);
    Duration answer = Duration.ofSeconds(30);
    Optional<Duration> between = Optional.empty();
    boolean comments = false;
    int remembered = 4096;
    Redirects redirects = Redirects.DEFAULT.limit(20);

    @Override
    void check() {
      Range.check("events.endpoint", endpoint, Range.MIN);
      Range.check("events.answer", answer, Range.MIN);
      Range.check("events.between", between, Range.MIN);
      Range.check("events.remembered", remembered, 0, 1 << 20);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "connection", connection,
        "healing", healing,
        "rotation", rotation,
        "endpoint", endpoint,
        "answer", answer,
        "between", between,
        "comments", comments,
        "remembered", remembered,
        "redirects", redirects
      };
    }
  }
}
