package dev.lariat;

import dev.lariat.event.StreamInfo;
import dev.lariat.event.Trace;
import dev.lariat.internal.entrance.BodySender;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.entrance.MessageSubscriber;
import dev.lariat.internal.entrance.PartSender;
import dev.lariat.internal.entrance.Reading;
import dev.lariat.internal.entrance.SendGate;
import dev.lariat.internal.entrance.Values;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Promises;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Content;
import dev.lariat.option.RawOptions;
import dev.lariat.option.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response, or the bytes of a raw connection. You hold this handle as soon as you
 * make the request.
 *
 * <p>The response arrives as messages. If they go to a {@link Mailbox}, a thread can instead wait
 * for the response with {@link #response}, {@link #body} and similar methods. These take the
 * messages of this exchange from the mailbox and leave all others. You can mix them with reads of
 * the mailbox. One thread at a time can read a mailbox, so threads that share a connection each
 * pass their own mailbox to {@code replyTo}, or use a {@link dev.lariat.client.Caller}. A method
 * that fails cancels the request and leaves none of its messages in the mailbox. Every later call
 * throws the same failure. These methods also cancel what the server pushes with the response: to
 * get that, take {@link dev.lariat.message.Push} from the mailbox before you call them.
 *
 * <p>Messages that you have not read wait in the mailbox. When it is full of messages or of bytes,
 * an HTTP/1.1 connection stops reading, and an HTTP/2 connection stops the streams whose messages
 * go to that mailbox. The {@code credit} of a request limits only its own response: the methods
 * here return the credit as they read, so that at most that many {@code Data} messages wait.
 *
 * <p>If you begin a request with {@link Connection#begin}, send its body with the methods here,
 * from one thread at a time. If the response arrives before the body has ended, send the rest of
 * the body, or {@link #cancel} the request: over HTTP/1.1, no other request can follow before that.
 * If the response closes the connection, the body ends: a {@code Rejected} answers everything that
 * you send after that (RFC 9112 section 9.5). If the response has ended and you send no part of the
 * body for {@code timeouts.closing}, the connection ends.
 *
 * <p>After {@code Upgraded}, the same methods send the bytes of the protocol that the server
 * switched to, including bytes that you sent earlier. The last part ends this side of the
 * connection. The server's side continues: its bytes arrive as {@code Data}, and the last one marks
 * the end of that side. The connection ends when both sides have ended. The same is true of the
 * stream of a raw connection from its start. The methods that read a body then read what the server
 * sends, and {@link #response} has nothing to wait for.
 */
public final class Exchange implements StreamRef {
  /** Bytes read from a stream at a time; small beside the send queue. */
  private static final int CHUNK = 64 << 10;

  /**
   * What would frame or route the message, or is needed before its body (RFC 9110 section 6.5.1).
   */
  private static final Set<String> NO_TRAILERS =
      Set.of(
          "authorization",
          "connection",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "expect",
          "host",
          "keep-alive",
          "max-forwards",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final Connection connection;
  private final String method; // "raw" on a raw connection
  private final @Nullable String target; // null on a raw connection
  private final Stream stream;
  private final @Nullable BodySender body; // null where the request was sent with its whole body
  private final Reading reading;
  private final boolean pushed; // whether the server made the request

  /**
   * A request that is not asked for yet, whose messages go to this inbox.
   *
   * @param authorization what the request shows
   * @param trace of the request
   * @param mailbox the one that the inbox is of; null where it is no mailbox's
   * @param bodyLimit bytes of a joined body
   * @param length of what follows; empty where that is not known, null where nothing follows
   * @param trailers whether they may follow, too
   * @param takesPushes whether the server may push more with the response
   */
  @SuppressWarnings("ThisEscape") // nothing is told of it yet
  Exchange(
      Connection connection,
      Request request,
      Authorization authorization,
      Trace trace,
      Inbox inbox,
      @Nullable Mailbox mailbox,
      int bodyLimit,
      @Nullable OptionalLong length,
      boolean trailers,
      boolean takesPushes) {
    this.connection = connection;
    this.pushed = false;
    this.method = request.method();
    this.target = request.target();
    this.reading =
        new Reading(this, mailbox, bodyLimit, request.credit(), request.content(), false);
    Promises promises = takesPushes ? this::promised : Promises.NONE;
    if (length == null) {
      this.stream = new Stream(this, inbox, Gate.NONE, authorization, trace, promises);
      this.body = null;
    } else {
      SendGate gate = gate(request.sendQueue(), request.sendTimeout());
      this.stream = new Stream(this, inbox, gate, authorization, trace, promises);
      this.body =
          new BodySender(connection.door(), connection.names(), stream, gate, length, trailers);
    }
  }

  /** The stream of a raw connection, not asked for yet, whose messages go to this inbox. */
  @SuppressWarnings("ThisEscape") // nothing is told of it yet
  Exchange(
      Connection connection,
      RawOptions options,
      Inbox inbox,
      @Nullable Mailbox mailbox,
      int bodyLimit) {
    this.connection = connection;
    this.pushed = false;
    this.method = "raw";
    this.target = null;
    this.reading = new Reading(this, mailbox, bodyLimit, options.credit(), Content.PLAIN, true);
    SendGate gate = gate(options.sendQueue(), options.sendTimeout());
    this.stream = new Stream(this, inbox, gate);
    this.body =
        new BodySender(
            connection.door(), connection.names(), stream, gate, OptionalLong.empty(), false);
  }

  /** A request that the server promises with this one, whose messages go to the same inbox. */
  @SuppressWarnings("ThisEscape") // nothing is told of it yet
  private Exchange(Exchange parent, Request promised) {
    this.connection = parent.connection;
    this.pushed = true;
    this.method = promised.method();
    this.target = promised.target();
    this.reading = parent.reading.pushed(this, promised);
    this.stream = new Stream(this, parent.stream.inbox(), Gate.NONE);
    this.body = null;
  }

  private Stream promised(Request request) {
    return new Exchange(this, request).stream;
  }

  private SendGate gate(long sendQueue, Duration sendTimeout) {
    return new SendGate(
        sendQueue, sendTimeout, connection.machine(), () -> connection.whyNotSent(this));
  }

  /**
   * {@return the exchange that a message names: {@code Exchange.of(response.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the stream is not a request, an upgrade or a raw stream
   */
  public static Exchange of(StreamRef stream) {
    return Handle.of(Exchange.class, stream);
  }

  Stream stream() {
    return stream;
  }

  /** Whether the server made the request, to push its response. */
  boolean isPushed() {
    return pushed;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  // ---- the body, part by part

  /**
   * Sends the next part of the body. Blocks while more than {@code sendQueue} bytes of it wait to
   * be written, for at most {@code sendTimeout}. Drops an empty part that is not the last.
   *
   * @param part the next part of the body
   * @param last whether this is the last part
   * @throws IllegalArgumentException if the part exceeds the rest of the {@code Content-Length}, or
   *     if it is the last part and shorter than that; no byte of it is sent
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if the body has ended or was never open, if the wait for room timed
   *     out, if the thread was interrupted while it waited, or if the connection has terminated
   */
  public void data(Bytes part, boolean last) {
    open("data").data(part.asByteBuffer(), last);
  }

  /**
   * Sends the next part of the body like {@link #data}, but only if it can do so without blocking.
   *
   * @param part the next part of the body
   * @param last whether this is the last part
   * @return whether the part was sent
   * @throws IllegalArgumentException as for {@code data}
   * @throws FailedException if the body has ended or was never open, or if the connection has
   *     terminated
   */
  public boolean tryData(Bytes part, boolean last) {
    return open("tryData").tryData(part.asByteBuffer(), last);
  }

  /**
   * Ends the body with trailers (RFC 9110 section 6.5). Over HTTP/1.1, only a chunked body can have
   * them. The server may ignore them.
   *
   * @param trailers the trailers
   * @throws IllegalArgumentException if the body has a {@code Content-Length}, if the stream sends
   *     no HTTP body, if a trailer must come before the body, or if {@code http1.spelling} changes
   *     its name
   * @throws IllegalStateException as for {@code data}
   * @throws FailedException as for {@code data}
   */
  public void trailers(Headers trailers) {
    BodySender sender = open("trailers");
    trailers.requireSendable();
    sender.checkTrailers();
    for (Headers.Field field : trailers) {
      if (NO_TRAILERS.contains(field.name())) {
        throw new IllegalArgumentException(
            "trailer: "
                + field.name()
                + ", allowed any except "
                + NO_TRAILERS.stream().sorted().toList());
      }
    }
    sender.end(trailers);
  }

  // ---- the body as one

  /**
   * Sends the body from a stream, to its end, and returns when the operating system has accepted
   * the last byte. Blocks while more than {@code sendQueue} bytes wait to be written. If it throws,
   * the request is cancelled as by {@link #cancel}. The stream is not closed.
   *
   * @param in the content of the body
   * @throws IOException if the stream cannot be read
   * @throws IllegalArgumentException if the length of the stream is not the {@code Content-Length}
   * @throws IllegalStateException on an event loop of Lariat's
   * @throws FailedException if the rest of the body cannot be sent, or as for {@code data}
   */
  public void send(InputStream in) throws IOException {
    connection.machine().refuseToBlock("send", "use a publisher");
    open("send").sendAll(PartSender.Source.of(in, CHUNK));
  }

  /**
   * Sends the body from a file, to its current end, and returns when the operating system has
   * accepted the last byte. Without TLS, the operating system sends the bytes directly from the
   * file, and they are not copied into this process. If it throws, the request is cancelled as by
   * {@link #cancel}.
   *
   * @param file a regular file
   * @throws IOException if the file cannot be opened, or is not a regular file
   * @throws IllegalArgumentException if the length of the file is not the {@code Content-Length}
   * @throws IllegalStateException on an event loop of Lariat's
   * @throws FailedException if the rest of the body cannot be sent
   */
  public void send(Path file) throws IOException {
    connection.machine().refuseToBlock("send", "use a publisher");
    BodySender sender = open("send");
    try {
      sender.refuseEnded();
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new FileSystemException(
            file.toString(), null, "not a regular file, so it has no size");
      }
      sender.send(FileChannel.open(file, StandardOpenOption.READ));
      sender.join();
    } finally {
      sender.giveUp(); // where it came to no end
    }
  }

  /**
   * Sends the items of a publisher as the body, until it completes. Lariat requests one item at a
   * time, when fewer than {@code sendQueue} bytes wait to be written. It usually does so on the
   * event loop, where the publisher must not block.
   *
   * @param parts a publisher of the parts of the body
   * @return a future that completes on the event loop when the operating system has accepted the
   *     last byte. It fails with the publisher's error, with an exception if the publisher breaks a
   *     rule of Reactive Streams, or with an {@code IllegalArgumentException} if the length of all
   *     items is not the {@code Content-Length}; the request is then cancelled as by {@link
   *     #cancel}. It fails with a {@link FailedException} if the rest of the body cannot be sent.
   *     If you cancel the future, the request is cancelled too. If the future fails, Lariat cancels
   *     the publisher's subscription
   * @throws FailedException if the body was never open
   */
  public CompletableFuture<Void> send(Flow.Publisher<Bytes> parts) {
    Objects.requireNonNull(parts, "parts");
    BodySender sender = open("send");
    try {
      parts.subscribe(
          new MessageSubscriber<>(sender, Bytes::asByteBuffer, () -> ByteBuffer.allocate(0)));
    } catch (RuntimeException e) { // it may have begun all the same
      sender.fail(e);
    }
    return sender.completion();
  }

  private BodySender open(String operation) {
    if (body == null) {
      throw new FailedException(
          new Reason.BadState(
              operation,
              pushed ? "the server made the request" : "the request was sent with its whole body"));
    }
    return body;
  }

  // ---- the response, for a thread that waits for it

  /**
   * Waits for the final response's status and headers. Skips informational responses. If you call
   * it again, it returns the same response.
   *
   * @param timeout how long the call may take; with zero or less it reads only what has already
   *     arrived
   * @return the response
   * @throws FailedException if the exchange failed, the call timed out, or the thread was
   *     interrupted; the request is then {@linkplain #cancel cancelled}
   * @throws IllegalStateException if the messages do not go to a {@link Mailbox}, if another thread
   *     reads it, if your code has taken the {@code Response} from the mailbox, or on an event loop
   *     of Lariat
   */
  public Response response(Duration timeout) {
    return reading.response(timeout);
  }

  /**
   * Waits for the whole body, regardless of the status, up to {@code limits.body} bytes.
   *
   * @param timeout how long the call may take, from now to the end of the body
   * @return the bytes
   * @throws FailedException as for {@link #response}, or with {@code Limit} if the body is larger
   * @throws IllegalStateException as for {@link #response}, or if the body was read before
   */
  public Bytes body(Duration timeout) {
    return reading.body(timeout);
  }

  /**
   * Waits for the whole body as text. A byte order mark decides the encoding, otherwise the charset
   * of {@code Content-Type}, otherwise it is UTF-8. Malformed input becomes U+FFFD.
   *
   * @param timeout how long the call may take, from now to the end of the body
   * @return the text
   * @throws FailedException as for {@link #body}
   * @throws IllegalStateException as for {@link #body}
   */
  public String text(Duration timeout) {
    return reading.text(timeout);
  }

  /**
   * Waits for the whole body, and reads it as a value, for example {@code as(json(Order.class),
   * timeout)}. Its encoding is that of {@link #text}. The {@code Content-Type} need not be that of
   * the codec.
   *
   * @param <T> the type of the value
   * @param codec the codec
   * @param timeout how long the call may take, from now to the end of the body
   * @return the value
   * @throws FailedException as for {@link #body}; with {@code Status} if the status is not 2xx;
   *     with {@code Unreadable} if the body is empty or is not a value of the type
   * @throws IllegalStateException as for {@link #body}
   */
  public <T> T as(BodyCodec<T> codec, Duration timeout) {
    return reading.value(codec, timeout);
  }

  /**
   * {@return the body's lines as they arrive, decoded like {@link #text}} A line ends with CR, LF,
   * both, or the end of the body. Close the stream; this cancels what you have not read. Its
   * methods throw what {@link #body} throws. {@code limits.body} applies to each line, and the
   * whole body has no limit.
   *
   * @param timeout how long each line may take from when you request it
   * @throws FailedException if the exchange has failed
   * @throws IllegalStateException as {@link #body}
   */
  public java.util.stream.Stream<String> lines(Duration timeout) {
    return reading.lines(timeout);
  }

  /**
   * {@return the values on the body's lines as they arrive} This reads JSON Lines, of the type
   * {@code application/x-ndjson} or {@code application/jsonl}: each line is one value, encoded in
   * UTF-8, and ends with LF or the end of the body. Blank lines have no value. {@code limits.body}
   * applies to each line, and the whole body has no limit. Close the stream; this cancels what you
   * have not read.
   *
   * @param <T> the type of the values
   * @param codec the codec of a line
   * @param timeout how long each value may take from when you request it
   * @throws FailedException if the exchange has failed. The stream's methods throw it as for {@link
   *     #response}; with {@code Status} if the status is not 2xx; with {@code Unreadable} if a line
   *     is not a value of the type, which cancels the request; with {@code Limit} if a line is too
   *     long
   * @throws IllegalStateException as {@link #body}
   */
  public <T> java.util.stream.Stream<T> lines(BodyCodec<T> codec, Duration timeout) {
    return reading.lines(new Values<>(codec, null), timeout);
  }

  /**
   * {@return the values on the body's lines like {@link #lines(BodyCodec, Duration)}, without the
   * lines that cannot be read}
   *
   * @param <T> the type of the values
   * @param codec the codec of a line
   * @param timeout how long each value may take from when you request it
   * @param skipped is called for each line that cannot be read, in the thread that reads the
   *     stream. If it throws, the method of the stream throws that
   * @throws FailedException as for {@link #lines(BodyCodec, Duration)}
   * @throws IllegalStateException as {@link #body}
   */
  public <T> java.util.stream.Stream<T> lines(
      BodyCodec<T> codec, Duration timeout, Consumer<Reason.Unreadable> skipped) {
    return reading.lines(new Values<>(codec, Values.skipping(skipped)), timeout);
  }

  /**
   * {@return the body's events as they arrive, if the request asked for them with {@code
   * Content.EVENTS}} Close the stream; this cancels what you have not read.
   *
   * @param timeout how long each event may take from when you request it
   * @throws FailedException if the exchange has failed. The stream's methods throw it as for {@link
   *     #response}, and with {@code BadState} if the response is not an event stream
   * @throws IllegalStateException as {@link #body}
   */
  public java.util.stream.Stream<ServerSentEvent> events(Duration timeout) {
    return reading.events(timeout);
  }

  /**
   * {@return the data of the body's events as values, as they arrive; see {@link
   * #events(Duration)}}
   *
   * @param <T> the type of the values
   * @param codec the codec of the data
   * @param timeout how long each event may take from when you request it
   * @throws FailedException as for {@link #events(Duration)}. The stream's methods throw it with
   *     {@code Unreadable} if the data of an event is not a value of the type, which cancels the
   *     request
   * @throws IllegalStateException as {@link #body}
   */
  public <T> java.util.stream.Stream<T> events(BodyCodec<T> codec, Duration timeout) {
    return reading.events(new Values<>(codec, null), timeout);
  }

  /**
   * {@return the data of the body's events as values like {@link #events(BodyCodec, Duration)},
   * without the events that cannot be read}
   *
   * @param <T> the type of the values
   * @param codec the codec of the data
   * @param timeout how long each event may take from when you request it
   * @param skipped is called for each event that cannot be read, in the thread that reads the
   *     stream. If it throws, the method of the stream throws that
   * @throws FailedException as for {@link #events(Duration)}
   * @throws IllegalStateException as {@link #body}
   */
  public <T> java.util.stream.Stream<T> events(
      BodyCodec<T> codec, Duration timeout, Consumer<Reason.Unreadable> skipped) {
    return reading.events(new Values<>(codec, Values.skipping(skipped)), timeout);
  }

  /**
   * Writes the body to a file, without a limit. It writes to a new file in the same directory,
   * which replaces {@code file} when the body is complete and is deleted if anything fails. Check
   * the status with {@link #response} first. Otherwise you may save the page of an error.
   *
   * @param file a regular file
   * @param timeout how long the call may take, from now to the end of the body
   * @return how many bytes the file has
   * @throws IOException if the file cannot be written; the request is cancelled
   * @throws FailedException as for {@link #response}
   * @throws IllegalArgumentException if the file is a directory or has no name
   * @throws IllegalStateException as for {@link #body}
   */
  public long download(Path file, Duration timeout) throws IOException {
    return reading.download(file, timeout);
  }

  /**
   * {@return the body as it arrives, without a limit} A read that fails throws a {@link
   * FailedException}. Close the stream; this cancels what you have not read.
   *
   * @param timeout how long each read may wait
   * @throws FailedException if the exchange has failed
   * @throws IllegalStateException as {@link #body}
   */
  public InputStream inputStream(Duration timeout) {
    return reading.inputStream(timeout);
  }

  /**
   * {@return the trailers after the body, which are usually empty} Read the body to its end first,
   * with one of the methods above.
   *
   * @throws FailedException if the exchange has failed
   * @throws IllegalStateException if the body was not read to its end, or as for {@link #response}
   */
  public Headers trailers() {
    return reading.trailers();
  }

  /**
   * Allows this many more {@code Data} messages to arrive; see {@code Request.credit}. Adds to the
   * remaining credit, up to 2^63 - 1. Does nothing if the exchange has ended.
   *
   * @param messages 1 to 2^63 - 1
   * @throws IllegalArgumentException if it is out of range
   */
  public void credit(long messages) {
    if (messages < 1) {
      throw new IllegalArgumentException(
          "credit: " + messages + ", allowed 1 to " + Long.MAX_VALUE);
    }
    connection.door().post(new Command.Credit(stream, messages));
  }

  /**
   * Changes how much you want the response; see {@link Request#priority}. Over HTTP/2, a
   * PRIORITY_UPDATE frame tells the server (RFC 9218 section 7.1), unless its SETTINGS say that it
   * does not use this scheme, and the order changes in which bodies are sent. A request that still
   * waits is sent with this priority.
   *
   * <p>HTTP/1.1 has no way to change the priority of a request that was sent: a {@code Rejected}
   * with {@code BadState} answers, as on a raw connection, and nothing else happens. Does nothing
   * when the exchange has ended.
   *
   * @param urgency 0, the most urgent, to 7
   * @param incremental whether you can use the parts of the response before the whole has come
   * @throws IllegalArgumentException if the urgency is out of range
   */
  public void priority(int urgency, boolean incremental) {
    connection.door().post(new Command.SetPriority(stream, new Priority(urgency, incremental)));
  }

  // ---- giving up

  /**
   * Cancels the request. A {@code StreamFailed} with {@code Cancelled} arrives at its receiver, as
   * its last message. Messages of the request that are still in the mailbox are dropped. A request
   * that is not written yet is not sent. What the server pushes with the response is cancelled,
   * too.
   *
   * <p>Over HTTP/2, the stream ends and the connection continues. Over HTTP/1.1, if the request was
   * written, its connection ends. Lariat makes a new one at once, unless the retry policy allows
   * none, and sends the next request on it. The connection continues if the end of the response is
   * near: if at most {@code limits.discarded} bytes follow, according to its {@code
   * Content-Length}. Lariat discards them, for up to a second. If other requests were pipelined
   * after this one, the connection waits longer for them: for {@code limits.discarded} bytes of any
   * response, and for {@code timeouts.closing}.
   *
   * <p>A connection that is raw, or has switched to another protocol, ends in any case. So does an
   * HTTP/1.1 connection on which the body of the request is not complete. Does nothing if the
   * exchange has ended completely.
   */
  public void cancel() {
    connection.door().post(new Command.Cancel(stream, new Reason.Cancelled()));
  }

  /**
   * {@return the current state of this exchange, even after it or its connection has ended} The
   * future completes like that of {@link Connection#info}.
   */
  public CompletableFuture<StreamInfo> info() {
    return connection.info(stream, () -> body == null ? 0 : body.waiting());
  }

  /** The method and the target, or {@code raw}, for logs. */
  @Override
  public String toString() {
    return target == null ? method : method + " " + connection.shown(target);
  }
}
