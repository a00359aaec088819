package dev.lariat.internal.protocol;

import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.internal.text.Durations;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an owner asks of its connection: immutable, made on the owner's thread, carried out on the
 * event loop.
 */
public sealed interface Command {

  /** What concerns one stream: for the engine. */
  sealed interface OfStream extends Command {
    /** The stream. */
    Stream stream();

    /** Whether it sends a part of this message. */
    default boolean isPartOf(Outgoing message) {
      return this instanceof SendPart part && part.message() == message;
    }

    /**
     * How many bytes it keeps while it waits, about. What its own stream's gate counts is none of
     * them.
     */
    default long held() {
      return switch (this) {
        case Request request ->
            (long) request.request().body().size()
                + request.request().target().length()
                + size(request.request().headers());
        case Upgrade upgrade -> upgrade.path().length() + size(upgrade.options().headers());
        case SendPart part -> part.bytes();
        case Data data -> 0;
        case SendFile file -> 0;
        case Send send -> 0;
        case Cancel cancel -> 0;
        case Raw raw -> 0;
        case Connect connect -> connect.destination().length() + size(connect.headers());
        case GiveUp giveUp -> 0;
        case Credit credit -> 0;
        case SetKeepalive keepalive -> 0;
        case SetPriority priority -> 0;
      };
    }

    private static long size(Headers headers) {
      long size = 0;
      for (var field : headers) {
        size += field.name().length() + field.value().length();
      }
      return size;
    }

    /** What it asks, in the words of the API. */
    default String operation() {
      return switch (this) {
        case Request request -> "request";
        case Data data -> "data";
        case SendFile file -> "send";
        case Cancel cancel -> "cancel";
        case Upgrade upgrade -> "webSocket";
        case Raw raw -> "raw";
        case Connect connect -> "connect";
        case Send send -> "send";
        case SendPart part -> "send";
        case GiveUp giveUp -> "send";
        case Credit credit -> "credit";
        case SetKeepalive keepalive -> "keepalive";
        case SetPriority priority -> "priority";
      };
    }
  }

  /** What begins its stream. */
  sealed interface Begin extends OfStream permits Request, Upgrade, Raw, Connect {

    /**
     * The command that begins it once more.
     *
     * @param credit of its body, as it is by now
     * @param upgrade what was asked for, with the options that were changed since; null for none
     */
    default Begin again(long credit, @Nullable PendingUpgrade upgrade) {
      return switch (this) {
        case Request request ->
            new Request(
                request.stream,
                request.request.credit(credit),
                request.whole,
                request.deadline,
                request.protocols,
                request.names);
        case Upgrade asked ->
            upgrade instanceof PendingUpgrade.ToWebSocket socket
                ? new Upgrade(asked.stream, asked.path, socket.options(), asked.names)
                : asked;
        case Raw raw -> raw;
        case Connect connect -> connect;
      };
    }
  }

  /** A part of a request's body. */
  sealed interface OfBody extends OfStream permits Data, SendFile {
    /** Whether nothing of the body follows. */
    boolean last();
  }

  /**
   * Begins a stream with a request.
   *
   * @param stream the new stream
   * @param request what to send
   * @param whole whether its body is all there; otherwise it follows, part by part
   * @param deadline when its response must have ended; {@link Engine#NEVER} where it has none
   * @param protocols those that the server may switch to, which the user speaks; mostly none
   * @param names how those of its headers are written
   * @param impatient whether it wants an attempt to connect at once, and fails with that
   */
  record Request(
      Stream stream,
      dev.lariat.option.Request request,
      boolean whole,
      long deadline,
      List<String> protocols,
      FieldNames names,
      boolean impatient)
      implements Begin {
    /** Begins a stream with a request that waits for the connection as long as it takes. */
    public Request(
        Stream stream,
        dev.lariat.option.Request request,
        boolean whole,
        long deadline,
        List<String> protocols,
        FieldNames names) {
      this(stream, request, whole, deadline, protocols, names, false);
    }

    /** Begins a stream with a request whose body is all there. */
    public Request(Stream stream, dev.lariat.option.Request request) {
      this(stream, request, true, Engine.NEVER, List.of(), FieldNames.PLAIN);
    }

    /** Whether it asks for another protocol. */
    public boolean upgrades() {
      return !protocols.isEmpty();
    }

    /** The same command for a request that was changed. */
    public Request with(dev.lariat.option.Request changed) {
      return new Request(stream, changed, whole, deadline, protocols, names, impatient);
    }

    /** The request with the credentials that its server is shown. */
    public dev.lariat.option.Request authorized() {
      Headers headers =
          stream
              .authorization()
              .with(request.headers(), request.method(), request.target(), request.body());
      return headers == request.headers() ? request : request.headers(headers);
    }

    /** Its body as one part, which is the last; nobody asks what becomes of that. */
    public Data wholeBody() {
      return new Data(
          stream,
          request.body().asByteBuffer(),
          true,
          Headers.EMPTY,
          FieldNames.PLAIN,
          Fate.IGNORED,
          Gate.NONE);
    }

    /** Why its body is given up at its deadline, when its response has ended. */
    public Reason unended() {
      String time = Durations.words(request.timeout().orElseThrow());
      return new Reason.BodyUnfinished("it did not end within " + time + " (request.timeout)");
    }

    /** Why it is given up at its deadline, when it was sent. */
    public Reason late() {
      return late(Optional.empty());
    }

    /**
     * Why it is given up at its deadline.
     *
     * @param last what it waited for, if it was not sent
     */
    public Reason late(Optional<Reason> last) {
      return new Reason.Timeout(Reason.Step.RESPONSE, request.timeout().orElseThrow(), last);
    }
  }

  /**
   * Sends the next part of a request's body.
   *
   * @param stream the request's
   * @param payload the part, from position to limit
   * @param last whether it is the last
   * @param trailers what follows the last part; empty with any other
   * @param names how those of the trailers are written
   * @param fate who wants to know what becomes of it; null where a {@code Rejected} tells that it
   *     was not sent
   * @param gate where it is counted until it is written
   */
  record Data(
      Stream stream,
      ByteBuffer payload,
      boolean last,
      Headers trailers,
      FieldNames names,
      @Nullable Fate fate,
      Gate gate)
      implements OfBody {
    private static final int OVERHEAD = 16; // about what a chunk adds

    /** Sends a part without trailers. */
    public Data(Stream stream, ByteBuffer payload, boolean last, @Nullable Fate fate) {
      this(stream, payload, last, Headers.EMPTY, FieldNames.PLAIN, fate);
    }

    /** Sends a part that its stream's gate counts. */
    public Data(
        Stream stream,
        ByteBuffer payload,
        boolean last,
        Headers trailers,
        FieldNames names,
        @Nullable Fate fate) {
      this(stream, payload, last, trailers, names, fate, stream.gate());
    }

    /** What it counts at its gate: so much that empty ones count too. */
    public long bytes() {
      return (long) payload.remaining() + OVERHEAD;
    }
  }

  /**
   * Sends the rest of a request's body from a file.
   *
   * @param stream the request's
   * @param file the file
   * @param position where in it to begin
   * @param size how many bytes
   * @param fate who wants to know what becomes of it, and then lets go of the file
   */
  record SendFile(Stream stream, SentFile file, long position, long size, Fate fate)
      implements OfBody {
    @Override
    public boolean last() {
      return true;
    }
  }

  /**
   * Gives a request up, and what its response would tell.
   *
   * @param stream the request's
   * @param reason what its receiver is told
   */
  record Cancel(Stream stream, Reason reason) implements OfStream {}

  /**
   * Begins a stream with the upgrade to a WebSocket.
   *
   * @param stream the new stream
   * @param path the request's target
   * @param options how
   * @param names how those of its headers are written
   */
  record Upgrade(Stream stream, String path, WebSocketOptions options, FieldNames names)
      implements Begin {}

  /**
   * Begins the stream of a raw connection.
   *
   * @param stream the new stream
   * @param credit how many parts may be told
   */
  record Raw(Stream stream, long credit) implements Begin {}

  /**
   * Begins a stream with the request for a tunnel (RFC 9110 section 9.3.6). Once the proxy has
   * accepted it, the stream carries bytes to the destination and back, as those of a raw
   * connection.
   *
   * @param stream the new stream
   * @param destination the host and the port
   * @param headers of the request, for the proxy alone
   * @param names how they are written
   * @param patient whether it waits for the next connection while this one is another tunnel
   */
  record Connect(
      Stream stream, String destination, Headers headers, FieldNames names, boolean patient)
      implements Begin {
    /** A request that does not wait for the end of another tunnel. */
    public Connect(Stream stream, String destination, Headers headers, FieldNames names) {
      this(stream, destination, headers, names, false);
    }

    /** Its headers with the credentials that the proxy is shown. */
    public Headers authorized() {
      return stream.authorization().with(headers, "CONNECT", destination, Bytes.EMPTY);
    }
  }

  /**
   * Sends one WebSocket frame.
   *
   * @param stream the WebSocket
   * @param frame the frame
   * @param payload what it carries, from position to limit
   * @param fate who wants to know what becomes of it; null where a {@code Rejected} tells that it
   *     was not sent
   * @param gate where it is counted until it is written
   */
  record Send(Stream stream, Frame frame, ByteBuffer payload, @Nullable Fate fate, Gate gate)
      implements OfStream {
    /** Sends a frame that its stream's gate counts. */
    public Send(Stream stream, Frame frame, ByteBuffer payload, @Nullable Fate fate) {
      this(stream, frame, payload, fate, stream.gate());
    }

    /** Sends a frame whose fate nobody follows. */
    public Send(Stream stream, Frame frame, ByteBuffer payload) {
      this(stream, frame, payload, null);
    }

    /** What it counts at its gate: so much that empty ones count too. */
    public long bytes() {
      return FrameEncoder.size(payload.remaining());
    }
  }

  /**
   * Sends the next part of a WebSocket message.
   *
   * @param stream the WebSocket
   * @param message which message
   * @param payload the part
   * @param fin whether it is the last
   */
  record SendPart(Stream stream, Outgoing message, ByteBuffer payload, boolean fin)
      implements OfStream {
    /** What it counts at the message's gate. */
    public long bytes() {
      return FrameEncoder.size(payload.remaining());
    }
  }

  /**
   * Gives up a WebSocket message whose further parts do not come.
   *
   * @param stream the WebSocket
   * @param message which message
   */
  record GiveUp(Stream stream, Outgoing message) implements OfStream {}

  /**
   * Allows a stream to tell more messages.
   *
   * @param stream the stream
   * @param messages how many more
   */
  record Credit(Stream stream, long messages) implements OfStream {}

  /**
   * Changes how a WebSocket finds out that its peer is dead.
   *
   * @param stream the WebSocket
   * @param keepalive from now on
   */
  record SetKeepalive(Stream stream, Keepalive keepalive) implements OfStream {}

  /**
   * Changes how urgent a request is.
   *
   * @param stream the request's
   * @param priority from now on
   */
  record SetPriority(Stream stream, Priority priority) implements OfStream {}

  /**
   * Makes another the owner.
   *
   * @param inbox where the connection's messages go from now on
   */
  record SetOwner(Inbox inbox) implements Command {}

  /**
   * Lets another learn how many further streams the connection takes.
   *
   * @param slots who learns it, from now on
   */
  record SetSlots(Slots slots) implements Command {}

  /**
   * Asks for the outcome of the current or next attempt to connect.
   *
   * @param outcome completed when that is known
   */
  record AwaitUp(CompletableFuture<Outcome> outcome) implements Command {
    /** Answers; false if nobody waits any more. */
    public boolean complete(Outcome known) {
      return outcome.complete(known);
    }

    /** Whether nobody waits any more. */
    public boolean isDone() {
      return outcome.isDone();
    }
  }

  /**
   * Changes how long the server may take none of the bytes that wait for it.
   *
   * @param limit from now on
   */
  record SetWriteTimeout(Duration limit) implements Command {}

  /**
   * Asks the server to answer.
   *
   * @param answer called once, on the loop, when it has or cannot any more
   */
  record Ping(Consumer<Answer> answer) implements Command {
    /** The server has answered after this time. */
    public void answered(Duration roundTrip) {
      answer.accept(new Answered(roundTrip));
    }

    /** The server was not asked, or cannot answer any more. */
    public void failed(Reason reason) {
      answer.accept(new NotAnswered(reason));
    }
  }

  /** What came of a ping. */
  sealed interface Answer {}

  /**
   * The server has answered.
   *
   * @param roundTrip the time from the ping to its answer
   */
  record Answered(Duration roundTrip) implements Answer {}

  /**
   * The server was not asked, or cannot answer any more.
   *
   * @param reason why
   */
  record NotAnswered(Reason reason) implements Answer {}

  /** Says goodbye, then ends the connection. */
  record Shutdown() implements Command {}

  /** Ends the connection at once. */
  record Close() implements Command {}

  /** How an attempt to connect went. */
  sealed interface Outcome {}

  /**
   * The connection is established.
   *
   * @param protocol what it speaks
   */
  record Established(Protocol protocol) implements Outcome {}

  /**
   * The attempt failed.
   *
   * @param reason why
   */
  record NotEstablished(Reason reason) implements Outcome {}
}
