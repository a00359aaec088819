package dev.lariat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Loops;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response: a handle, held from the moment that the request is asked for.
 *
 * <p>The body of a request that was begun by {@link Connection#headers} is sent by the methods
 * here, from one thread at a time. Where the response comes before the body has ended, it is told,
 * and the body goes on: it must be sent to its end or given up by {@link #cancel}, since nothing
 * can follow it on its connection before. A response that closes the connection ends the body: what
 * is sent of it after that is answered by a {@code Rejected} (RFC 9112 section 9.5). When the
 * response has ended and nothing of the body is sent for {@code timeouts.closing}, the connection
 * ends.
 *
 * <p>After {@code Upgraded} the same methods send the bytes of the protocol that the server
 * switched to, those that were sent before among them. The last part ends this side of the
 * connection, and the other side goes on; what arrives is told as {@code Data}, whose last is the
 * end of the server's side.
 */
public final class Exchange implements StreamRef {
  /** Bytes read from a stream at a time; small beside the high water. */
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
  private final String request;
  private final Stream stream;
  private final @Nullable BodySender body; // null where the request was sent with its whole body

  /**
   * A request that is not asked for yet.
   *
   * @param length of what follows; empty where that is not known, null where nothing follows
   */
  Exchange(Connection connection, Request request, Inbox inbox, @Nullable OptionalLong length) {
    this.connection = connection;
    this.request = request.method() + " " + request.target();
    if (length == null) {
      this.stream = new Stream(this, inbox, Gate.NONE);
      this.body = null;
    } else {
      SendGate gate = new SendGate(request.highWater(), request.sendTimeout());
      this.stream = new Stream(this, inbox, gate);
      this.body = new BodySender(connection, stream, gate, length);
    }
  }

  Stream stream() {
    return stream;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  // ---- the body, part by part

  /**
   * Sends the next part of the body. Blocks while more than {@code highWater} bytes of it wait to
   * be written, for {@code sendTimeout} at the most. An empty part that is not the last is dropped.
   *
   * @param last whether nothing of the body follows
   * @throws IllegalArgumentException if the part is longer than the {@code Content-Length} leaves,
   *     or is the last and shorter; nothing of it is sent
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if the body has ended or was never open, if there was no room in time,
   *     if the thread was interrupted while it waited, or if the connection has terminated
   */
  public void data(Bytes part, boolean last) {
    open("data").data(part.asByteBuffer(), last, Headers.EMPTY);
  }

  /**
   * Sends the next part of the body as {@link #data} does if that is possible without blocking.
   *
   * @return whether it was
   * @throws IllegalArgumentException as {@code data}
   * @throws FailedException if the body has ended or was never open, or if the connection has
   *     terminated
   */
  public boolean tryData(Bytes part, boolean last) {
    return open("tryData").tryData(part.asByteBuffer(), last);
  }

  /**
   * Ends the body with trailers (RFC 9110 section 6.5). They follow a chunked body only, and the
   * server may ignore them.
   *
   * @throws IllegalArgumentException if the body has a {@code Content-Length}, or a trailer is one
   *     that belongs before the body
   * @throws IllegalStateException as {@code data}
   * @throws FailedException as {@code data}
   */
  public void trailers(Headers trailers) {
    BodySender sender = open("trailers");
    sender.checkTrailers();
    for (Headers.Field field : trailers) {
      if (NO_TRAILERS.contains(field.name())) {
        throw new IllegalArgumentException(
            "trailer: "
                + field.name()
                + ", allowed any but "
                + NO_TRAILERS.stream().sorted().toList());
      }
    }
    sender.data(ByteBuffer.allocate(0), true, trailers);
  }

  // ---- the body as one

  /**
   * Sends the body from a stream, to its end, and returns when the operating system has taken the
   * last byte. Blocks while more than {@code highWater} bytes wait to be written. Where it throws,
   * the request is given up as by {@link #cancel}. The stream is not closed.
   *
   * @throws IOException if the stream throws it
   * @throws IllegalArgumentException if the stream is not as long as the {@code Content-Length}
   * @throws IllegalStateException on an event loop of Lariat's
   * @throws FailedException if nothing more of the body can be sent, or as {@code data}
   */
  public void send(InputStream in) throws IOException {
    Loops.refuseToBlock("send", "use a publisher");
    BodySender sender = open("send");
    try {
      byte[] chunk = new byte[CHUNK];
      for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
        if (size > 0) {
          sender.send(ByteBuffer.wrap(Arrays.copyOf(chunk, size)), false);
        }
      }
      sender.send(ByteBuffer.allocate(0), true);
      sender.join();
    } finally {
      sender.giveUp(); // where it came to no end
    }
  }

  /**
   * Sends the body from a file, to its end as it is now, and returns when the operating system has
   * taken the last byte. Without TLS the bytes go from the file to the socket and are not copied
   * into this process. Where it throws, the request is given up as by {@link #cancel}.
   *
   * @throws IOException if the file cannot be opened
   * @throws IllegalArgumentException if the file is not as long as the {@code Content-Length}
   * @throws IllegalStateException on an event loop of Lariat's
   * @throws FailedException if nothing more of the body can be sent
   */
  public void send(Path file) throws IOException {
    Loops.refuseToBlock("send", "use a publisher");
    BodySender sender = open("send");
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      sender.send(channel);
      sender.join();
    } finally {
      sender.giveUp(); // where it came to no end
    }
  }

  /**
   * Sends the body that a publisher gives, until it completes. An item is asked for when fewer than
   * {@code highWater} bytes wait to be written, one at a time and mostly on the event loop, where
   * the publisher must not block.
   *
   * @return completes when the operating system has taken the last byte, on the event loop; fails
   *     with the publisher's error, or with what it did against the rules of Reactive Streams, or
   *     with an {@code IllegalArgumentException} where the items are not as long as the {@code
   *     Content-Length}; the request is given up then as by {@link #cancel}. Or it fails with a
   *     {@link FailedException} when nothing more of the body can be sent. To cancel it gives the
   *     request up too. When it fails, the publisher's subscription is cancelled
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
          new Reason.BadState(operation, "the request was sent with its whole body"));
    }
    return body;
  }

  // ---- the response

  /**
   * Allows so many more {@code Data} messages to be told; see {@code Request.credit}. It adds to
   * what is left, up to 2^63 - 1. Does nothing when the exchange has ended.
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

  // ---- giving up

  /**
   * Gives the request up: its receiver is told a {@code StreamFailed} with {@code Cancelled}, and
   * nothing more of it after that. A request that was not written yet is not sent. The response to
   * one that was is read and thrown away, up to {@code limits.discarded} bytes and {@code
   * timeouts.closing}, so that the connection can go on; where that is passed, or the request's
   * body has not been sent to its end, the connection ends. Does nothing when all of the exchange
   * has ended.
   */
  public void cancel() {
    connection.door().post(new Command.Cancel(stream, new Reason.Cancelled()));
  }

  /** The method and the target, for logs. */
  @Override
  public String toString() {
    return request;
  }
}
