package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;

/**
 * How a live stream of server-sent events is kept.
 *
 * @param connection of each session. Its {@code retry} does not matter: {@code healing} says when
 *     to try again. {@code limits.event} bounds an event
 * @param healing when to try again, and when not. No attempt comes sooner than the server has asked
 *     for by {@code retry:}
 * @param rotation how one session takes over from another
 * @param endpoint how long the search for an endpoint may take: 1 ms to 365 days, 30 s by default
 * @param answer how long the server may take to answer a request, once it is connected: 1 ms to 365
 *     days, 30 s by default. There are servers that send no headers before the first event; with
 *     them it is how long that may take
 * @param between how long the next event may take before the session is given up: 1 ms to 365 days;
 *     without limit by default. Time in which the owner's mailbox is full does not count
 * @param comments whether anything that the server sends, such as a comment to keep the connection
 *     alive, counts like an event there; not by default
 * @param remembered how many events that named an id are remembered, so that one which the server
 *     sends again in a later session is not told again: 0 to 2^20, 4096 by default. It is the same
 *     event if its id, type and data are the same
 * @param redirects those that an attempt follows: up to 20 by default, not from {@code https} to
 *     {@code http}. The next attempt begins at the endpoint again, also after a permanent redirect
 */
public record EventOptions(
    ConnectionOptions connection,
    Healing healing,
    Rotation rotation,
    Duration endpoint,
    Duration answer,
    Optional<Duration> between,
    boolean comments,
    int remembered,
    Redirects redirects) {

  /** The defaults of every part. */
  public static final EventOptions DEFAULT =
      new EventOptions(
          ConnectionOptions.DEFAULT,
          Healing.DEFAULT,
          Rotation.DEFAULT,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Optional.empty(),
          false,
          4096,
          Redirects.DEFAULT.limit(20));

  /** Checks every component. */
  public EventOptions {
    Range.check("events.endpoint", endpoint, Range.MIN);
    Range.check("events.answer", answer, Range.MIN);
    between.ifPresent(limit -> Range.check("events.between", limit, Range.MIN));
    Range.check("events.remembered", remembered, 0, 1 << 20);
  }

  /** The same with other options for the connections. */
  public EventOptions connection(ConnectionOptions connection) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with another policy. */
  public EventOptions healing(Healing healing) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with another rotation. */
  public EventOptions rotation(Rotation rotation) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with another time for the search of an endpoint. */
  public EventOptions endpoint(Duration endpoint) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with another time for an answer. */
  public EventOptions answer(Duration answer) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with a limit for the time between events. */
  public EventOptions between(Duration between) {
    return new EventOptions(
        connection,
        healing,
        rotation,
        endpoint,
        answer,
        Optional.of(between),
        comments,
        remembered,
        redirects);
  }

  /** The same, where anything that the server sends counts like an event, or not. */
  public EventOptions comments(boolean comments) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same, remembering so many events. */
  public EventOptions remembered(int remembered) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }

  /** The same with other redirects followed, or {@link Redirects#NONE}. */
  public EventOptions redirects(Redirects redirects) {
    return new EventOptions(
        connection, healing, rotation, endpoint, answer, between, comments, remembered, redirects);
  }
}
