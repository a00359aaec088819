package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Guarded;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An actor on a loop without a thread, with a clock that stands still, a network that does what the
 * test says, and an owner that keeps all.
 */
public final class Scene {
  final ConnectionRef ref = () -> "origin:80";
  final Records owner = new Records();
  final Deque<Attempt> attempts = new ArrayDeque<>();
  final Actor actor;
  final List<Reason> terminations = new ArrayList<>();
  int breaks; // in the reading, for what was posted
  private @Nullable Stream socket; // the newest
  private @Nullable Error dialing; // what the next attempt meets
  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel home = EmbeddedChannel.builder().ticker(ticker).build();

  Scene(ConnectionOptions options) {
    this(
        options,
        new Engines("origin", options) { // each is watched
          @Override
          Engine first(Optional<String> chosen, Held held, Shared shared) {
            return new Guarded(super.first(chosen, held, shared));
          }

          @Override
          Engine speak(Change.Speak start, Held held, Shared shared) {
            return new Guarded(super.speak(start, held, shared));
          }
        });
  }

  Scene(ConnectionOptions options, Engines engines) {
    Loop loop = new Loop(home.eventLoop(), new SecureRandom());
    Dialer dialer =
        (on, outcome) -> {
          if (dialing != null) {
            throw dialing;
          }
          Attempt attempt = new Attempt(outcome);
          attempts.add(attempt);
          return attempt;
        };
    // the largest random number below one: jitter gives nearly the full delay
    actor =
        new Actor(
            ref,
            options,
            engines,
            dialer,
            loop,
            () -> -1L,
            owner,
            () -> breaks++,
            terminations::add);
    actor.start();
  }

  /** One attempt to connect, which the test brings to its end. */
  final class Attempt implements Dialer.Attempt {
    private final Dialer.Outcome outcome;
    boolean cancelled;
    @Nullable Reason soFar;

    Attempt(Dialer.Outcome outcome) {
      this.outcome = outcome;
    }

    Socket succeeds(ChannelHandler... first) {
      Socket channel = new Socket(ticker);
      channel.pipeline().addLast(first);
      outcome.connected(channel);
      return channel;
    }

    void fails(Reason reason) {
      outcome.failed(reason);
    }

    @Override
    public Optional<Reason> soFar() {
      return Optional.ofNullable(soFar);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  /** From now on the network itself fails. */
  void refuseToDial(Error error) {
    dialing = error;
  }

  /** A channel whose peer takes as many bytes as the test says: all, at first. */
  public static final class Socket extends EmbeddedChannel {
    private int room = Integer.MAX_VALUE;
    private @Nullable String broken;

    /** A channel whose time this ticker tells. */
    public Socket(Ticker ticker) {
      super(EmbeddedChannel.builder().ticker(ticker));
      config().setAutoClose(false); // as the dialer's
    }

    /**
     * From now on every write fails; what the peer has sent before can be read all the same. The
     * peer had closed the connection before.
     */
    void breaks() {
      breaks("Broken pipe");
    }

    /** From now on every write fails, and the system says this of it. */
    void breaks(String words) {
      broken = words;
    }

    @Override
    protected void doShutdownOutput() {}

    /** From now on the peer takes nothing more. */
    public void clog() {
      room = 0;
    }

    /** The peer takes this many bytes more of what waits or is to come. */
    public void take(int bytes) {
      room = bytes;
      unsafe().flush(); // as the socket's readiness does, past the pipeline
    }

    /** A file is read when it is sent: it may be closed when the test looks. */
    @Override
    protected void handleOutboundMessage(Object message) {
      if (message instanceof FileRegion region) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
          region.transferTo(Channels.newChannel(bytes), 0);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        super.handleOutboundMessage(Unpooled.wrappedBuffer(bytes.toByteArray()));
      } else {
        super.handleOutboundMessage(message);
      }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) throws Exception {
      if (broken != null) {
        throw new IOException(broken);
      }
      if (room == Integer.MAX_VALUE) {
        super.doWrite(waiting);
        return;
      }
      while (room > 0 && waiting.current() instanceof ByteBuf bytes) {
        int taken = Math.min(room, bytes.readableBytes());
        room -= taken;
        waiting.removeBytes(taken);
      }
    }
  }

  /** A receiver that keeps what it is told. */
  static final class Records implements Inbox {
    final List<Message> messages = new ArrayList<>();
    final List<Runnable> whenRoom = new ArrayList<>();
    boolean full;

    @Override
    public void put(Message[] batch, int count) {
      messages.addAll(Arrays.asList(batch).subList(0, count));
    }

    @Override
    public boolean full() {
      return full;
    }

    @Override
    public void whenRoom(Runnable action) {
      whenRoom.add(action);
    }

    /** What came since the last look. */
    List<Message> told() {
      List<Message> told = List.copyOf(messages);
      messages.clear();
      return told;
    }
  }

  /** A stream as the entrance makes it. */
  Stream stream(String name, Inbox inbox) {
    StreamRef handle =
        new StreamRef() {
          @Override
          public ConnectionRef connection() {
            return ref;
          }

          @Override
          public String toString() {
            return name;
          }
        };
    return new Stream(handle, inbox, Gate.NONE);
  }

  Stream stream(String name) {
    return stream(name, owner);
  }

  Stream get(String path) {
    Stream stream = stream("GET " + path);
    command(new Command.Request(stream, Request.of("GET", path)));
    return stream;
  }

  Stream webSocket(WebSocketOptions options) {
    Stream stream = stream("socket");
    socket = stream;
    command(new Command.Upgrade(stream, "/ws", options, FieldNames.PLAIN));
    return stream;
  }

  /** The newest WebSocket. */
  Stream socket() {
    return Objects.requireNonNull(socket);
  }

  CompletableFuture<Command.Outcome> awaitUp() {
    CompletableFuture<Command.Outcome> outcome = new CompletableFuture<>();
    command(new Command.AwaitUp(outcome));
    return outcome;
  }

  /** Sends on the newest WebSocket, in one turn. */
  void send(Frame... frames) {
    Stream stream = socket();
    command(
        Arrays.stream(frames)
            .map(frame -> new Command.Send(stream, frame, Payload.of(frame)))
            .toArray(Command[]::new));
  }

  void command(Command... commands) {
    actor.begin();
    for (Command command : commands) {
      actor.command(command);
    }
    actor.settle();
    run();
  }

  /** The attempt that runs; there is exactly one. */
  Attempt attempt() {
    assertThat(attempts).hasSize(1);
    return attempts.remove();
  }

  Socket up() {
    Socket channel = attempt().succeeds();
    run();
    return channel;
  }

  /** An open WebSocket, its beginnings already told. */
  Socket upgraded(WebSocketOptions options) {
    Socket channel = up();
    webSocket(options);
    receive(channel, accepting(sent(channel)));
    owner.told();
    return channel;
  }

  void advance(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    run();
  }

  void run() {
    home.runPendingTasks();
  }

  /** What the peer sends. */
  void receive(EmbeddedChannel channel, byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    run();
  }

  void receive(EmbeddedChannel channel, String text) {
    receive(channel, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** What was sent to the peer since the last look. */
  public static byte[] sentBytes(EmbeddedChannel channel) {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }

  public static String sent(EmbeddedChannel channel) {
    return new String(sentBytes(channel), StandardCharsets.ISO_8859_1);
  }

  /** The answer that accepts this upgrade request. */
  public static String accepting(String request) {
    String key =
        request
            .lines()
            .filter(l -> l.startsWith("sec-websocket-key: "))
            .findFirst()
            .orElseThrow()
            .substring(19);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return "HTTP/1.1 101 Switching Protocols\r\n"
          + "Upgrade: websocket\r\n"
          + "Connection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: "
          + Base64.getEncoder().encodeToString(digest)
          + "\r\n\r\n";
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
