package dev.lariat.internal.entrance;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.codec.TextEncoding;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Trailers;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One response as a thread reads it from the mailbox that it is told to. It takes the messages of
 * its exchange and leaves all others. Where a call fails, the request is cancelled and what is told
 * of it is dropped, so that nothing is left behind.
 *
 * <p>A message that somebody else has taken is not missed: what is read goes on from where the
 * mailbox stands.
 *
 * <p>It reads message by message ({@link #advance}) until it has what is asked for. Its states:
 * nothing is read; {@code response} is read; the body is {@code taken} by one caller, as a whole or
 * in {@code parts}; {@code ended} with the last message, or failed with {@code failure}. A message
 * that was read and not given yet waits in {@code part} or {@code event}.
 *
 * <p>{@code busy} lets one thread in at a time and refuses a second one. The other fields need no
 * guard: the thread that enters next sees what the one before has left, since {@code busy} is
 * atomic.
 */
public final class Reading {
  private final Exchange exchange;
  private final @Nullable Mailbox mailbox; // null if a receiver of another kind gets the messages
  private final int limit; // bytes of a body that is joined, and characters of a line
  private final long credit; // the credit of the request; each message read gives one back
  private final Content content; // how the request wants its body
  private final AtomicBoolean busy = new AtomicBoolean(); // whether a thread reads

  // Only the thread that has set "busy" touches these.
  private @Nullable Response response; // the final response; null until it is read
  private @Nullable Bytes part; // a part of the body that was read and not given yet
  private @Nullable ServerSentEvent event; // an event that was read and not given yet
  private Headers trailers = Headers.EMPTY; // the trailers, once they are read
  private boolean taken; // whether a caller has asked for the body
  private boolean parts; // whether the body is read in parts, each with its own deadline
  private boolean raw; // whether there is no response, since another protocol is spoken
  private boolean ended; // whether the last message of the exchange was read
  private @Nullable Reason failure; // why reading has failed; null if it has not

  public Reading(
      Exchange exchange,
      @Nullable Mailbox mailbox,
      int limit,
      long credit,
      Content content,
      boolean raw) {
    this.exchange = exchange;
    this.mailbox = mailbox;
    this.limit = limit;
    this.credit = credit;
    this.content = content;
    this.raw = raw;
  }

  /** The reading of a response that the server pushes to the same mailbox. */
  public Reading pushed(Exchange exchange, Request request) {
    return new Reading(exchange, mailbox, limit, request.credit(), request.content(), false);
  }

  // ---- what is asked

  public Response response(Duration timeout) {
    return read("response", timeout, this::response);
  }

  public Bytes body(Duration timeout) {
    return read(
        "body",
        timeout,
        deadline -> {
          takeBody();
          return joined(deadline);
        });
  }

  public String text(Duration timeout) {
    return read(
        "text",
        timeout,
        deadline -> {
          takeBody();
          byte[] body = joined(deadline).toArray();
          return TextEncoding.decode(contentType(), body);
        });
  }

  public long download(Path file, Duration timeout) throws IOException {
    Checks.file(file);
    return read(
        "to",
        timeout,
        deadline -> {
          takeBody();
          try {
            return save(file, deadline);
          } finally {
            if (!ended) {
              giveUp(new Reason.Cancelled()); // where the file could not be written
            }
          }
        });
  }

  public InputStream inputStream(Duration timeout) {
    takeBody("inputStream");
    return new Input(timeout);
  }

  public Stream<String> lines(Duration timeout) {
    takeBody("lines");
    return streamed("lines", timeout, new Lines()::line);
  }

  public Stream<ServerSentEvent> events(Duration timeout) {
    takeBody("events");
    return streamed("events", timeout, this::nextEvent);
  }

  public <T> T value(BodyCodec<T> codec, Duration timeout) {
    return read(
        "as",
        timeout,
        deadline -> {
          takeBody();
          Response its = response(deadline);
          Bytes body = joined(deadline);
          return Values.whole(codec, response(), its.status(), its.headers(), body);
        });
  }

  public <T> Stream<T> lines(Values<T> values, Duration timeout) {
    takeBody("lines");
    ValueLines lines = new ValueLines(limit);
    String of = response();
    return values(
        streamed("lines", timeout, deadline -> lines.next(new BodyOf(deadline))),
        line -> values.line(line.content(), line.number(), of));
  }

  public <T> Stream<T> events(Values<T> values, Duration timeout) {
    String of = response();
    return values(events(timeout), event -> values.event(event, of));
  }

  /** Which response it is, for people. */
  private String response() {
    return "the response to " + exchange;
  }

  /** The values of items, without those that are skipped. One that cannot be read ends them. */
  private <I, T> Stream<T> values(Stream<I> items, Function<I, @Nullable T> reader) {
    return items.mapMulti(
        (item, taker) -> {
          T value;
          try {
            value = reader.apply(item);
          } catch (FailedException e) {
            read("cancel", Duration.ZERO, deadline -> giveUp(e.reason()));
            throw e;
          }
          if (value != null) {
            taker.accept(value);
          }
        });
  }

  /** A stream of items, each read with its own deadline, until there are no more. */
  private <T> Stream<T> streamed(
      String operation, Duration timeout, Call<Optional<T>, RuntimeException> next) {
    parts = true;
    Spliterator<T> items =
        new Spliterators.AbstractSpliterator<>(
            Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL) {
          @Override
          public boolean tryAdvance(Consumer<? super T> action) {
            Optional<T> item = read(operation, timeout, next);
            item.ifPresent(action);
            return item.isPresent();
          }
        };
    return StreamSupport.stream(items, false)
        .onClose(() -> read(operation, timeout, deadline -> leave()));
  }

  public Headers trailers() {
    return read(
        "trailers",
        Duration.ZERO,
        deadline -> {
          refuseFailed();
          if (!ended) {
            throw new IllegalStateException("the body of " + exchange + " was not read to its end");
          }
          return trailers;
        });
  }

  // ---- one call

  private interface Call<T, E extends Exception> {
    T read(Deadline deadline) throws E;
  }

  /** The deadline of one call. */
  private record Deadline(String operation, Duration limit, Wait rest, Time time) {

    /** Whether there was some time, and it is over. */
    boolean isOver() {
      return limit.isPositive() && rest.left(time) <= 0;
    }
  }

  private <T, E extends Exception> T read(String operation, Duration timeout, Call<T, E> call)
      throws E {
    Machine machine = Core.get().machine(exchange.connection());
    machine.refuseToBlock(operation, "be a Receiver");
    if (mailbox == null) {
      throw new IllegalStateException(
          "the messages of " + exchange + " go to a receiver that is not a Mailbox");
    }
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("another thread reads the response to " + exchange);
    }
    try {
      Wait wait = new Wait(Await.nanos(timeout));
      return call.read(new Deadline(operation, timeout, wait, machine));
    } finally {
      busy.set(false);
    }
  }

  private void takeBody(String operation) {
    read(
        operation,
        Duration.ZERO,
        deadline -> {
          takeBody();
          return true;
        });
  }

  private void refuseFailed() {
    if (failure != null) {
      throw new FailedException(failure);
    }
  }

  private void takeBody() {
    refuseFailed();
    if (taken) {
      throw new IllegalStateException("the body of " + exchange + " was taken before");
    }
    taken = true;
    if (credit == 0) {
      exchange.credit(1);
    }
  }

  // ---- message by message

  private Response response(Deadline deadline) {
    refuseFailed();
    while (response == null && part == null && event == null && !ended && !raw) {
      advance(deadline);
    }
    if (raw) {
      throw new IllegalStateException("the protocol is not HTTP, so there is no response");
    }
    if (response == null) {
      throw new IllegalStateException(
          "the Response to " + exchange + " was taken from the mailbox before");
    }
    return response;
  }

  /** The next part of the body; null after the last. */
  private @Nullable Bytes next(Deadline deadline) {
    while (part == null && event == null && !ended) {
      advance(deadline);
    }
    if (event != null) {
      throw giveUp(new Reason.BadState(deadline.operation(), "the body arrives as events"));
    }
    Bytes next = part;
    part = null;
    return next;
  }

  /** The next event; empty after the last. */
  private Optional<ServerSentEvent> nextEvent(Deadline deadline) {
    while (part == null && event == null && !ended) {
      advance(deadline);
    }
    boolean nothing = ended && response != null && !Contents.isEventStream(response.headers());
    if (event == null && (part != null && !part.isEmpty() || nothing)) {
      throw giveUp(new Reason.BadState(deadline.operation(), whyNoEvents()));
    }
    Optional<ServerSentEvent> next = Optional.ofNullable(event);
    event = null;
    return next;
  }

  /** Why the body is not told as events, as a clause. */
  private String whyNoEvents() {
    if (response == null) {
      return "the body does not arrive as events";
    }
    Headers headers = response.headers();
    if (!Contents.isEventStream(headers)) {
      return "the response is not an event stream: status "
          + response.status()
          + ", "
          + headers.first("content-type").orElse("no Content-Type");
    }
    if (!content.events()) {
      return "the request did not ask for events: use Content.EVENTS";
    }
    String coding = headers.first("content-encoding").orElse("an unknown coding");
    return content.decompress()
        ? "the response is compressed with " + coding + ", which cannot be decompressed here"
        : "the response is compressed with " + coding + ": use Content.DECOMPRESSED";
  }

  private void advance(Deadline deadline) {
    switch (await(deadline)) {
      case Inform inform -> {} // the final one is yet to come
      case Push push -> decline(Exchange.of(push.promised()));
      case Response told -> {
        response = told;
        ended = told.fin();
      }
      case Data data -> {
        part = data.bytes();
        ended = data.fin();
        if (!part.isEmpty()) {
          giveBack();
        }
      }
      case Trailers told -> {
        trailers = told.headers();
        ended = true;
      }
      case StreamFailed failed -> {
        failure = failed.reason();
        throw new FailedException(failure);
      }
      case Upgraded told -> raw = true; // what follows is read like a body
      case ServerSentEvent told -> {
        event = told;
        giveBack();
      }
      case ContentMessage told ->
          throw giveUp(
              new Reason.BadState(deadline.operation(), "a content handler takes the body"));
      case TunnelUp other -> throw foreign(other);
      case WebSocketFrame other -> throw foreign(other);
      case WebSocketPart other -> throw foreign(other);
      case SubprotocolMessage other -> throw foreign(other);
      case WebSocketClosed other -> throw foreign(other);
      case Message.OfLive other -> throw foreign(other);
    }
  }

  /** Whoever reads one response here is not told of another. */
  private void decline(Exchange promised) {
    promised.cancel();
    Core.get().forget(Objects.requireNonNull(mailbox), promised);
  }

  /** Gives credit for one more message in place of the one that was read. */
  private void giveBack() {
    if (taken && !ended && credit != Request.UNLIMITED) {
      exchange.credit(1);
    }
  }

  private static IllegalStateException foreign(Message message) {
    return new IllegalStateException("not a message of a request: " + message);
  }

  private Message.OfStream await(Deadline deadline) {
    refuseFailed();
    try {
      Message.OfStream message =
          Core.get().await(Objects.requireNonNull(mailbox), exchange, deadline.rest());
      if (message != null
          && (message.ends() || !deadline.isOver())) { // else a flood would have no end
        return message;
      }
    } catch (InterruptedException e) {
      FailedException interrupted = Await.interrupted(deadline.operation());
      giveUp(interrupted.reason());
      throw interrupted;
    }
    boolean waited = deadline.limit().isPositive(); // a limit of zero only looks
    Optional<Reason> why = waited ? Core.get().whyWaiting(exchange) : Optional.empty();
    Reason.Step step = parts && response != null ? Reason.Step.READ : Reason.Step.RESPONSE;
    throw giveUp(new Reason.Timeout(step, deadline.limit(), why));
  }

  /** Fails: cancels the exchange, and drops its further messages. */
  private FailedException giveUp(Reason reason) {
    if (failure == null) {
      failure = reason;
      exchange.cancel();
      Core.get().forget(Objects.requireNonNull(mailbox), exchange);
    }
    return new FailedException(reason);
  }

  // ---- the body as one

  private Bytes joined(Deadline deadline) {
    List<Bytes> parts = new ArrayList<>(1);
    long size = 0;
    for (Bytes next = next(deadline); next != null; next = next(deadline)) {
      size += next.size();
      if (size > limit) {
        throw giveUp(new Reason.Limit(Reason.Bound.BODY, limit));
      }
      if (!next.isEmpty()) {
        parts.add(next);
      }
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    ByteBuffer whole = ByteBuffer.allocate((int) size);
    parts.forEach(each -> whole.put(each.asByteBuffer()));
    return Bytes.wrap(whole.array());
  }

  private Optional<String> contentType() {
    return response == null ? Optional.empty() : response.headers().first("content-type");
  }

  // ---- the body as a file

  /** Writes a file beside the one that is asked for, which takes its place when it is whole. */
  private long save(Path file, Deadline deadline) throws IOException {
    String mark = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path unfinished =
        file.resolveSibling("." + mark + ".part"); // a name of its own, which is short enough
    try {
      long size = write(unfinished, deadline);
      Replacing.move(unfinished, file);
      return size;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private long write(Path file, Deadline deadline) throws IOException {
    long size = 0;
    // an interrupt closes a FileChannel, also where nothing waits for the server
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Bytes next = next(deadline); next != null; next = next(deadline)) {
        out.write(next.toArray());
        size += next.size();
      }
    }
    return size;
  }

  // ---- the body as a stream

  /** The body's bytes, part after part. */
  private abstract class Parts extends InputStream {
    private ByteBuffer current = ByteBuffer.allocate(0);

    /** Has a byte to give, or is at the end. */
    abstract boolean fill() throws IOException;

    final boolean refill(Deadline deadline) {
      while (!current.hasRemaining()) {
        Bytes next = next(deadline);
        if (next == null) {
          return false;
        }
        current = next.asByteBuffer();
      }
      return true;
    }

    @Override
    public final int read() throws IOException {
      return fill() ? current.get() & 0xff : -1;
    }

    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int size = Math.min(length, current.remaining());
      current.get(bytes, offset, size);
      return size;
    }

    @Override
    public final int available() {
      return current.remaining();
    }
  }

  /** The body as a user's stream of bytes. Each read that has to wait has its own deadline. */
  private final class Input extends Parts {
    private final Duration timeout;
    private boolean closed;

    Input(Duration timeout) {
      parts = true;
      this.timeout = timeout;
    }

    @Override
    boolean fill() throws IOException {
      if (closed) {
        throw new IOException("the stream is closed");
      }
      return available() > 0 || Reading.this.read("inputStream", timeout, this::refill);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        Reading.this.read("inputStream", timeout, deadline -> leave());
      }
    }
  }

  /** Cancels what was not read to its end. */
  private boolean leave() {
    if (!ended && failure == null) {
      giveUp(new Reason.Cancelled());
    }
    return ended;
  }

  /** The body's lines. */
  private final class Lines {
    private final Encoded in = new Encoded();
    private @Nullable Reader reader;
    private boolean behindReturn; // whether the last was a CR, whose LF would be no new line

    Optional<String> line(Deadline deadline) {
      in.deadline = deadline;
      try {
        if (reader == null) {
          reader = in.decoded();
        }
        return line(reader);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Optional<String> line(Reader reader) throws IOException {
      StringBuilder line = new StringBuilder();
      boolean begun = false;
      while (true) {
        int c = reader.read();
        boolean second = behindReturn && c == '\n';
        behindReturn = c == '\r';
        if (second) {
          continue;
        }
        if (c < 0) {
          return begun ? Optional.of(line.toString()) : Optional.empty();
        }
        if (c == '\n' || c == '\r') {
          return Optional.of(line.toString());
        }
        if (line.length() == limit) {
          throw giveUp(new Reason.Limit(Reason.Bound.BODY, limit));
        }
        line.append((char) c);
        begun = true;
      }
    }
  }

  /** The response within a deadline, for those who cut its body. */
  private final class BodyOf implements ValueLines.Body {
    private final Deadline deadline;

    BodyOf(Deadline deadline) {
      this.deadline = deadline;
    }

    @Override
    public Response response() {
      return Reading.this.response(deadline);
    }

    @Override
    public @Nullable Bytes next() {
      return Reading.this.next(deadline);
    }

    @Override
    public FailedException giveUp(Reason reason) {
      failure = null;
      return Reading.this.giveUp(reason);
    }
  }

  /** The body's bytes for a decoder, read within the deadline of the call that runs. */
  private final class Encoded extends Parts {
    private @Nullable Deadline deadline;

    @Override
    boolean fill() {
      return refill(Objects.requireNonNull(deadline));
    }

    /** A reader of the text, whose encoding the first bytes may show. */
    Reader decoded() throws IOException {
      byte[] head = new byte[0];
      while (TextEncoding.isOpen(head) && fill()) {
        head = Arrays.copyOf(head, head.length + 1);
        head[head.length - 1] = (byte) read();
      }
      TextEncoding encoding = TextEncoding.of(contentType(), head);
      InputStream rest =
          new ByteArrayInputStream(head, encoding.mark(), head.length - encoding.mark());
      InputStream text = new SequenceInputStream(rest, this); // gives the one, or waits for more
      return new BufferedReader(
          new InputStreamReader(
              text,
              encoding
                  .charset()
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPLACE)
                  .onUnmappableCharacter(CodingErrorAction.REPLACE)));
    }
  }
}
