package dev.lariat.cli;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The entries of a recording as lines of JSON, both ways: version 1 of docs/RECORDINGS.md. */
final class EntryFormat {
  private static final Set<String> STEPS = Set.of("lookup", "connect", "proxy", "tls", "upgrade");
  private static final Set<String> STATES = Set.of("dropped", "unknown");
  private static final BigDecimal LONGEST = BigDecimal.valueOf(Duration.ofDays(3650).toSeconds());
  private static final int NANOS = 9;
  private static final int MAX_CONTROL = 125; // RFC 6455 section 5.5

  private final Map<String, Object> fields;

  private EntryFormat(Map<String, Object> fields) {
    this.fields = fields;
  }

  // ---- writing

  static String line(Entry entry) {
    JsonObject json = new JsonObject().with("at", entry.at());
    JsonObject line =
        switch (entry) {
          case Entry.Connecting(_, var attempt) ->
              json.with("event", "connecting").with("attempt", attempt);
          case Entry.Step(_, var name, var took, var detail, var failure) ->
              json.with("event", "step")
                  .with("name", name)
                  .with("took", took)
                  .with("detail", detail)
                  .with("failure", failure);
          case Entry.Open(_, var session, var subprotocol, var extensions) ->
              json.with("event", "open")
                  .with("session", session)
                  .with("subprotocol", subprotocol)
                  .with("extensions", extensions);
          case Entry.Sent(_, var frame) -> frame(json.with("event", "sent"), frame);
          case Entry.Received(_, var frame) -> frame(json.with("event", "received"), frame);
          case Entry.Undelivered(_, var state, var frame) ->
              frame(json.with("event", "undelivered").with("state", state), frame);
          case Entry.Event(_, var id, var name, var data) ->
              json.with("event", "received")
                  .with("type", "event")
                  .with("size", size(data))
                  .with("name", name)
                  .with("id", id)
                  .with("text", data);
          case Entry.RoundTrip(_, var took) -> json.with("event", "roundtrip").with("took", took);
          case Entry.Waiting(_, var attempt, var delay, var reason) ->
              json.with("event", "waiting")
                  .with("attempt", attempt)
                  .with("delay", delay)
                  .with("reason", reason);
          case Entry.Gone(_, var reason) -> json.with("event", "gone").with("reason", reason);
        };
    return line.toString();
  }

  private static JsonObject frame(JsonObject json, Frame frame) {
    return switch (frame) {
      case Text(var text) -> json.with("type", "text").with("size", size(text)).with("text", text);
      case Binary(var bytes) -> bytes(json.with("type", "binary"), bytes);
      case Ping(var bytes) -> bytes(json.with("type", "ping"), bytes);
      case Pong(var bytes) -> bytes(json.with("type", "pong"), bytes);
      case Close(var code, var text) ->
          json.with("type", "close")
              .with("size", size(frame))
              .with("code", code)
              .with("text", text);
    };
  }

  private static JsonObject bytes(JsonObject json, Bytes bytes) {
    String base64 = Base64.getEncoder().encodeToString(bytes.toArray());
    return json.with("size", bytes.size()).with("base64", base64);
  }

  /** The payload's size in bytes. */
  static int size(Frame frame) {
    return switch (frame) {
      case Text(var text) -> size(text);
      case Binary(var bytes) -> bytes.size();
      case Ping(var bytes) -> bytes.size();
      case Pong(var bytes) -> bytes.size();
      case Close(var code, var text) -> code == Close.NO_CODE ? 0 : 2 + size(text);
    };
  }

  private static int size(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  // ---- reading

  /** Reads one line; whatever is not of the format is refused. */
  static Entry entry(String line) throws JsonObject.MalformedException {
    EntryFormat format = new EntryFormat(JsonObject.flat(line));
    Entry entry = format.entry();
    format.nothingIsLeft();
    return entry;
  }

  private Entry entry() throws JsonObject.MalformedException {
    Duration at = time("at");
    String event = text("event");
    return switch (event) {
      case "connecting" -> new Entry.Connecting(at, (int) whole("attempt", Integer.MAX_VALUE));
      case "step" ->
          new Entry.Step(
              at, one("name", STEPS), time("took"), optional("detail"), optional("failure"));
      case "open" ->
          new Entry.Open(
              at,
              whole("session", Long.MAX_VALUE),
              optional("subprotocol"),
              optional("extensions"));
      case "sent" -> new Entry.Sent(at, frame(text("type")));
      case "received" -> received(at, text("type"));
      case "undelivered" -> new Entry.Undelivered(at, one("state", STATES), frame(text("type")));
      case "roundtrip" -> new Entry.RoundTrip(at, time("took"));
      case "waiting" ->
          new Entry.Waiting(
              at, (int) whole("attempt", Integer.MAX_VALUE), time("delay"), text("reason"));
      case "gone" -> new Entry.Gone(at, text("reason"));
      default ->
          throw new JsonObject.MalformedException("the event " + shown(event) + " is unknown");
    };
  }

  private Entry received(Duration at, String type) throws JsonObject.MalformedException {
    if (!type.equals("event")) {
      return new Entry.Received(at, frame(type));
    }
    String data = text("text");
    sizeIs(size(data));
    return new Entry.Event(at, oneLine("id"), oneLine("name"), data);
  }

  private String oneLine(String name) throws JsonObject.MalformedException {
    String value = text(name);
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new JsonObject.MalformedException("\"" + name + "\" has more than one line");
    }
    return value;
  }

  private Frame frame(String type) throws JsonObject.MalformedException {
    Frame frame =
        switch (type) {
          case "text" -> new Text(wellFormed("text"));
          case "binary" -> new Binary(base64());
          case "ping" -> new Ping(control());
          case "pong" -> new Pong(control());
          case "close" -> close();
          default ->
              throw new JsonObject.MalformedException("the type " + shown(type) + " is unknown");
        };
    sizeIs(size(frame));
    return frame;
  }

  private String wellFormed(String name) throws JsonObject.MalformedException {
    String text = text(name);
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new JsonObject.MalformedException("\"" + name + "\" has half of a surrogate pair");
    }
    return text;
  }

  private Bytes control() throws JsonObject.MalformedException {
    Bytes bytes = base64();
    if (bytes.size() > MAX_CONTROL) {
      throw new JsonObject.MalformedException(
          "the frame has " + bytes.size() + " bytes, allowed 0 to " + MAX_CONTROL);
    }
    return bytes;
  }

  private Close close() throws JsonObject.MalformedException {
    int code = (int) whole("code", 65535);
    String text = wellFormed("text");
    try {
      return code == Close.NO_CODE && text.isEmpty() ? Close.EMPTY : new Close(code, text);
    } catch (IllegalArgumentException e) {
      throw new JsonObject.MalformedException("the close frame is not allowed: " + e.getMessage());
    }
  }

  private Bytes base64() throws JsonObject.MalformedException {
    try {
      return Bytes.wrap(Base64.getDecoder().decode(text("base64")));
    } catch (IllegalArgumentException e) {
      throw new JsonObject.MalformedException("\"base64\" is not base64: " + e.getMessage());
    }
  }

  private void sizeIs(int size) throws JsonObject.MalformedException {
    long said = whole("size", Integer.MAX_VALUE);
    if (said != size) {
      throw new JsonObject.MalformedException(
          "\"size\" is " + said + ", but there are " + size + " bytes");
    }
  }

  private @Nullable Object taken(String name) {
    return fields.remove(name);
  }

  private String text(String name) throws JsonObject.MalformedException {
    if (taken(name) instanceof String text) {
      return text;
    }
    throw new JsonObject.MalformedException("it has no text \"" + name + "\"");
  }

  private Optional<String> optional(String name) throws JsonObject.MalformedException {
    return fields.containsKey(name) ? Optional.of(text(name)) : Optional.empty();
  }

  private String one(String name, Set<String> allowed) throws JsonObject.MalformedException {
    String value = text(name);
    if (!allowed.contains(value)) {
      throw new JsonObject.MalformedException(
          "\""
              + name
              + "\" is "
              + shown(value)
              + ", allowed are "
              + allowed.stream().sorted().toList());
    }
    return value;
  }

  private long whole(String name, long max) throws JsonObject.MalformedException {
    BigDecimal number = number(name);
    if (number.scale() > 0
        || number.signum() < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0) {
      throw new JsonObject.MalformedException(
          "\"" + name + "\" is " + number + ", allowed are whole numbers from 0 to " + max);
    }
    return number.longValue();
  }

  private Duration time(String name) throws JsonObject.MalformedException {
    BigDecimal seconds = number(name);
    if (seconds.signum() < 0 || seconds.compareTo(LONGEST) > 0) {
      throw new JsonObject.MalformedException(
          "\"" + name + "\" is " + seconds + ", allowed are 0 to " + LONGEST + " seconds");
    }
    return Duration.ofNanos(seconds.movePointRight(NANOS).longValue());
  }

  private BigDecimal number(String name) throws JsonObject.MalformedException {
    if (taken(name) instanceof BigDecimal number) {
      return number;
    }
    throw new JsonObject.MalformedException("it has no number \"" + name + "\"");
  }

  private void nothingIsLeft() throws JsonObject.MalformedException {
    if (!fields.isEmpty()) {
      String name = fields.keySet().iterator().next();
      throw new JsonObject.MalformedException(
          "the field " + shown(name) + " does not belong to it");
    }
  }

  private static String shown(String text) {
    return "\"" + Line.plain(text) + "\"";
  }
}
