package dev.lariat.event;

import dev.lariat.message.Protocol;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The state of a client's pool at one moment. All of it belongs together: it is read from what the
 * pool decides by, and not counted beside it.
 *
 * @param origins the origins that the pool knows, in the order in which they were first used
 * @param opened how many connections were established in all
 * @param closed how many of them have ended, by their causes; a cause that never occurred is absent
 * @param failed how many attempts to open a connection failed
 * @param granted how many requests got a connection
 * @param ended how many of these have left their connection again
 * @param waited how many of the granted requests had to wait before they got a connection
 * @param refused how many requests got no connection: too many waited, their time was over, or the
 *     connection could not be opened
 * @param repeated how many requests were sent again at once, since the server had closed their
 *     connection or refused them unprocessed, or had said that the connection was the wrong one
 */
public record PoolInfo(
    List<Origin> origins,
    long opened,
    Map<Cause, Long> closed,
    long failed,
    long granted,
    long ended,
    long waited,
    long refused,
    long repeated) {

  /** Why a connection of a pool ended. */
  public enum Cause {
    /** It was unused for {@code pool.idle}. */
    IDLE,
    /** It had reached {@code pool.age}. */
    AGE,
    /** It had carried {@code pool.uses} requests. */
    USES,
    /** Another one needed its place in {@code pool.total} or {@code pool.connections}. */
    EXCESS,
    /**
     * A live connection that had it left it for another one, in a rotation, or {@code client.renew}
     * has changed the TLS options.
     */
    REPLACED,
    /**
     * A request was cancelled or took too long, so that the rest of its response was in the way.
     */
    CANCELLED,
    /** The server closed it in good order, or said that it was the wrong one. */
    PEER,
    /** It failed. */
    FAILED,
    /** The client was closed. */
    SHUTDOWN
  }

  /**
   * The connections to one origin.
   *
   * @param origin the origin, such as {@code https://example.com}; with {@code (apart)} behind it,
   *     it is about its connections that have other options than the pool's, of live connections
   * @param protocol the protocol of its last connection; empty before the first one
   * @param dialing how many connections are being opened
   * @param idle how many carry no request
   * @param busy how many carry at least one
   * @param draining how many take no further request, and end soon
   * @param taken how many a WebSocket has for itself (over HTTP/1.1)
   * @param streams how many requests and WebSockets all of them carry
   * @param waiting how many requests wait
   * @param longestWait how long the first of them has waited; zero if none waits
   */
  public record Origin(
      String origin,
      Optional<Protocol> protocol,
      int dialing,
      int idle,
      int busy,
      int draining,
      int taken,
      int streams,
      int waiting,
      Duration longestWait) {

    /** {@return how many connections there are, in any state} */
    public int connections() {
      return dialing + idle + busy + draining + taken;
    }

    /** {@return the numbers in one line} */
    @Override
    public String toString() {
      StringJoiner line = new StringJoiner(", ", origin + " ", "");
      line.add(protocol.map(spoken -> "(" + spoken.token() + ") ").orElse("") + idle + " idle");
      add(line, busy, " busy");
      add(line, dialing, " dialing");
      add(line, draining, " draining");
      add(line, taken, " taken");
      add(line, streams, " streams");
      if (waiting > 0) {
        line.add(waiting + " waiting, the longest for " + longestWait.toMillis() + " ms");
      }
      return line.toString();
    }

    private static void add(StringJoiner line, int count, String what) {
      if (count > 0) {
        line.add(count + what);
      }
    }
  }

  /** Copies the list and the map. */
  public PoolInfo {
    origins = List.copyOf(origins);
    closed = closed.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(closed));
  }

  /** {@return how many connections there are, in any state} */
  public int connections() {
    return origins.stream().mapToInt(Origin::connections).sum();
  }

  /** {@return how many requests and WebSockets the connections carry} */
  public int streams() {
    return origins.stream().mapToInt(Origin::streams).sum();
  }

  /** {@return how many requests wait for a connection} */
  public int waiting() {
    return origins.stream().mapToInt(Origin::waiting).sum();
  }

  /** {@return the numbers in one line} */
  @Override
  public String toString() {
    StringJoiner line = new StringJoiner("; ");
    line.add(connections() + " connections, " + streams() + " streams, " + waiting() + " waiting");
    line.add(
        "so far "
            + opened
            + " opened, "
            + closed.values().stream().mapToLong(Long::longValue).sum()
            + " closed"
            + (closed.isEmpty() ? "" : " " + new EnumMap<>(closed))
            + ", "
            + failed
            + " failed, "
            + granted
            + " granted, "
            + waited
            + " waited, "
            + refused
            + " refused, "
            + repeated
            + " repeated");
    origins.forEach(origin -> line.add(origin.toString()));
    return line.toString();
  }
}
