package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpDate;
import dev.lariat.internal.codec.RetryAfter;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.message.Binary;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived, as values: whole bodies, or one item of a stream after the other. What cannot
 * be read is a {@link Reason.Unreadable}, whatever the codec throws. For one thread.
 */
public final class Values<T> {
  private static final int SUCCESS = 2; // the first digit of a status
  private static final int MARK = 3; // bytes of the longest byte order mark

  private final BodyCodec<T> codec;
  private final @Nullable Consumer<Reason.Unreadable> skipped;
  private long items;

  /**
   * The values of a stream.
   *
   * @param skipped takes what cannot be read; null if that ends the stream
   */
  public Values(BodyCodec<T> codec, @Nullable Consumer<Reason.Unreadable> skipped) {
    this.codec = given(codec);
    this.skipped = skipped;
  }

  private static <T> T given(T codec) {
    return Objects.requireNonNull(codec, "codec: null, allowed any other value");
  }

  /** What takes what cannot be read, which callers without checks for null may leave out. */
  public static Consumer<Reason.Unreadable> skipping(Consumer<Reason.Unreadable> skipped) {
    return Objects.requireNonNull(skipped, "skipped: null, allowed any other value");
  }

  // ---- a whole body

  /**
   * The value that a whole body is.
   *
   * @param of which response it is, for people: {@code the response to GET /orders}
   * @throws FailedException with {@code Status} if the status is no success; with {@code
   *     Unreadable} if it is none
   */
  public static <T> T whole(
      BodyCodec<T> codec, String of, int status, Headers headers, Bytes body) {
    given(codec);
    if (!isSuccess(status)) {
      throw new FailedException(refusal(status, headers, body));
    }
    Optional<String> type = headers.first("content-type");
    return value(
        codec,
        () -> of + " (status " + status + ", " + type.map(Values::shown).orElse("no type") + ")",
        () -> body,
        () -> value(codec, type, body));
  }

  private static <T> T value(BodyCodec<T> codec, Optional<String> type, Bytes body) {
    if (body.isEmpty()) {
      throw new UnreadableException(codec.type(), "the body is empty", null);
    }
    byte[] head = new byte[Math.min(MARK, body.size())];
    body.asByteBuffer().get(head);
    TextEncoding encoding = TextEncoding.of(type, head);
    boolean utf8 = encoding.charset().equals(StandardCharsets.UTF_8);
    int mark = encoding.mark();
    if (utf8 && mark == 0) {
      return codec.read(body);
    }
    byte[] octets = Arrays.copyOfRange(body.toArray(), mark, body.size());
    return utf8
        ? codec.read(Bytes.wrap(octets))
        : codec.read(new String(octets, encoding.charset()));
  }

  /** A type of content, which says aloud that it is a page: of a login, of an error, of a proxy. */
  private static String shown(String type) {
    String name = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean page = name.equals("text/html") || name.equals("application/xhtml+xml");
    return page ? "an HTML page: " + type : type;
  }

  /** Whether a response of this status has what was asked for. */
  static boolean isSuccess(int status) {
    return status / 100 == SUCCESS;
  }

  /** A response as the failure that its status is. */
  static Reason.Status refusal(int status, Headers headers, Bytes body) {
    Instant here = Instant.now();
    Instant there = headers.first("date").flatMap(date -> HttpDate.parse(date, here)).orElse(here);
    Optional<Duration> wait =
        headers.first("retry-after").flatMap(value -> RetryAfter.parse(value, there));
    return new Reason.Status(status, wait, headers, body);
  }

  // ---- the items of a stream

  /** The value on a line; null if it was skipped. */
  @Nullable T line(Bytes line, long number, Object of) {
    return item(() -> "line " + number + " of " + of, () -> line, () -> codec.read(line));
  }

  /**
   * The value in an event; null if it was skipped.
   *
   * @param of where it is from
   */
  public @Nullable T event(ServerSentEvent event, Object of) {
    items++;
    String data = event.data();
    return item(
        () -> {
          String id = event.id().isEmpty() ? "" : ", id " + event.id();
          return "event " + items + " (type " + event.type() + id + ") of " + of;
        },
        () -> Bytes.ofUtf8(data),
        () -> codec.read(data));
  }

  /**
   * The value that a frame is; null if it was skipped, or is no message.
   *
   * @param of where it is from
   */
  public @Nullable T frame(Frame frame, Object of) {
    return switch (frame) {
      case Text(var text) -> {
        items++;
        yield item(
            () -> "message " + items + " of " + of,
            () -> Bytes.ofUtf8(text),
            () -> codec.read(text));
      }
      case Binary(var bytes) -> {
        items++;
        yield item(() -> "message " + items + " of " + of, () -> bytes, this::refuseBinary);
      }
      case Ping ping -> null;
      case Pong pong -> null;
      case Close close -> null;
    };
  }

  private T refuseBinary() {
    throw new UnreadableException(codec.type(), "it is a binary message", null);
  }

  private @Nullable T item(Supplier<String> what, Supplier<Bytes> content, Supplier<T> reader) {
    try {
      return value(codec, what, content, reader);
    } catch (FailedException e) {
      if (skipped == null || !(e.reason() instanceof Reason.Unreadable unreadable)) {
        throw e;
      }
      skipped.accept(unreadable);
      return null;
    }
  }

  /** A value; what it is and which bytes it has is asked for only if it cannot be read. */
  private static <T> T value(
      BodyCodec<T> codec, Supplier<String> what, Supplier<Bytes> content, Supplier<T> reader) {
    UnreadableException cause;
    try {
      @Nullable T value = reader.get();
      if (value != null) {
        return value;
      }
      cause = new UnreadableException(codec.type(), "the codec returned null", null);
    } catch (UnreadableException e) {
      cause = e;
    } catch (RuntimeException e) { // a codec that does not keep its contract
      cause = new UnreadableException(codec.type(), e.toString(), e);
    }
    throw new FailedException(new Reason.Unreadable(what.get(), content.get(), cause));
  }
}
