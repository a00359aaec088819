package dev.lariat.internal.codec;

import dev.lariat.message.Reason.Bound;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads a stream of server-sent events (HTML, section 9.2.6), cut anywhere. It keeps one event at
 * the most, and no more of it than the limit.
 */
public final class EventDecoder {

  /** Takes the events. */
  @FunctionalInterface
  public interface Taker {
    /** Takes an event, as {@link dev.lariat.message.ServerSentEvent} describes it. */
    void event(String id, String type, String data, Optional<Duration> retry);
  }

  private static final String BOM = "\uFEFF";
  private static final int COMMENT_UNIT = 4 << 10; // bytes of a comment that count once more

  private final int limit;
  private final int idLimit;
  private final TokenBucket useless = new TokenBucket(); // comments and empty events
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // that has no end yet
  private boolean first = true; // nothing of the stream was read
  private boolean behindCr; // a line feed next belongs to the end of the line before
  private long held; // bytes of the lines that the event has so far

  private final StringBuilder data = new StringBuilder(); // a line feed behind each line
  private String type = "";
  private String id; // stays from event to event
  private String position; // the id of the last event that is whole
  private boolean ownId; // the event names one
  private Optional<Duration> retry = Optional.empty();
  private Optional<Duration> patience = Optional.empty(); // the newest "retry" of the stream

  /**
   * A decoder at the beginning of a stream.
   *
   * @param limit bytes of an event, and of a comment
   * @param idLimit bytes of its id
   */
  public EventDecoder(int limit, int idLimit) {
    this(limit, idLimit, "");
  }

  /**
   * A decoder at the beginning of a stream that goes on where another ended.
   *
   * @param id the one that was given last
   */
  public EventDecoder(int limit, int idLimit, String id) {
    this.limit = limit;
    this.idLimit = idLimit;
    this.id = id;
    this.position = id;
  }

  /** Gives the time, and when reading last resumed. */
  public void at(long now, long unreadUntil) {
    useless.at(now, unreadUntil);
  }

  /** Reads a part of the stream, all of it. An event that is not ended by the last is dropped. */
  public void decode(ByteBuffer part, Taker taker) throws Violation {
    int begin = part.position();
    for (int at = begin; at < part.limit(); at++) {
      byte octet = part.get(at);
      boolean ends = octet == '\n' || octet == '\r';
      if (ends && !(octet == '\n' && behindCr)) {
        keep(part, begin, at);
        line(taker);
      }
      if (ends) {
        begin = at + 1;
      }
      behindCr = octet == '\r';
    }
    keep(part, begin, part.limit());
    part.position(part.limit());
  }

  private void keep(ByteBuffer part, int from, int to) throws Violation {
    if (held + line.size() + to - from > limit) {
      throw Violation.limit(Bound.EVENT, limit);
    }
    byte[] octets = new byte[to - from];
    part.get(from, octets);
    line.writeBytes(octets);
  }

  private void line(Taker taker) throws Violation {
    int size = line.size();
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (first && text.startsWith(BOM)) {
      text = text.substring(BOM.length());
    }
    first = false;
    if (text.isEmpty()) {
      held = 0;
      dispatch(taker);
      return;
    }
    int colon = text.indexOf(':');
    if (colon == 0) { // a comment; some are long, so that a proxy lets what is before them through
      useless.spend(Bound.EMPTY_EVENTS, 1 + size / COMMENT_UNIT);
      return;
    }
    held += size;
    String value = colon < 0 ? "" : text.substring(colon + 1);
    field(
        colon < 0 ? text : text.substring(0, colon),
        value.startsWith(" ") ? value.substring(1) : value);
  }

  private void field(String name, String value) throws Violation {
    switch (name) {
      case "event" -> type = value;
      case "data" -> data.append(value).append('\n');
      case "id" -> {
        if (value.length() > idLimit / 3
            && value.getBytes(StandardCharsets.UTF_8).length > idLimit) {
          throw Violation.limit(Bound.EVENT_ID, idLimit);
        }
        if (value.indexOf('\0') < 0) {
          id = value;
          ownId = true;
        }
      }
      case "retry" -> {
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
          retry = Optional.of(milliseconds(value));
          patience = retry;
        }
      }
      default -> {} // the standard has other fields ignored
    }
  }

  private static Duration milliseconds(String digits) {
    try {
      return Duration.ofMillis(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return Duration.ofMillis(Long.MAX_VALUE); // longer than anybody waits
    }
  }

  private void dispatch(Taker taker) throws Violation {
    position = id;
    if (data.isEmpty()) {
      useless.spend(Bound.EMPTY_EVENTS);
    } else {
      useless.earn();
    }
    if (!data.isEmpty()) {
      data.setLength(data.length() - 1);
      taker.event(id, type.isEmpty() ? "message" : type, data.toString(), retry);
      retry = Optional.empty();
      data.setLength(0);
    }
    type = "";
    ownId = false;
  }

  // ---- what a client that reconnects needs

  /** The id of the last event that came whole, be it one of nothing but an id; empty if none. */
  public String position() {
    return position;
  }

  /** Whether the event that is being taken names its id itself. */
  public boolean hasOwnId() {
    return ownId;
  }

  /** How long the stream said last that a client should wait before it asks again. */
  public Optional<Duration> patience() {
    return patience;
  }
}
