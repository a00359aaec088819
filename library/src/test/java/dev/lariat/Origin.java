package dev.lariat;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.connection.Scene;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server that does what the test says: no socket, but a loop of Lariat's with its
 * thread. Everything asked of the server is done on that thread, behind all that was posted before.
 */
public final class Origin implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(20);
  public static final WebSocketOptions SILENT = WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF);

  public final Mailbox mailbox = Mailbox.unbounded();
  public final Connection connection;
  private Scene.@Nullable Socket channel; // the loop's own

  public Origin() {
    this(ConnectionOptions.DEFAULT);
  }

  public Origin(ConnectionOptions options) {
    this(options, Backoff.NEVER);
  }

  public Origin(ConnectionOptions options, Backoff retry) {
    connection =
        new Connection(
                "origin:80",
                HttpUri.of(false, Authority.of("origin", 80)),
                options.retry(retry),
                this::dial,
                ThisMachine.THIS,
                ThisMachine.THIS.nextLoop(),
                mailbox)
            .open(Adoption.Hold.NONE);
  }

  private Dialer.Attempt dial(Loop loop, Dialer.Outcome outcome) {
    loop.execute(
        () -> {
          channel = new Scene.Socket(Ticker.systemTicker());
          outcome.connected(channel);
        });
    return () -> {};
  }

  /** A WebSocket whose upgrade is not answered yet. */
  public WebSocket asked(WebSocketOptions options) throws Exception {
    connection.awaitUp(PATIENCE);
    return connection.webSocket("/", options);
  }

  /** Accepts the upgrade; whatever was sent by then is behind the request. */
  public void accept() throws Exception {
    run(() -> channel.writeInbound(bytes(Scene.accepting(Scene.sent(channel)))));
  }

  public WebSocket upgraded(WebSocketOptions options) throws Exception {
    WebSocket socket = asked(options);
    accept();
    return socket;
  }

  private static Object bytes(String text) {
    return Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Takes nothing more from now on. */
  public void clog() throws Exception {
    run(() -> channel.clog());
  }

  /** Takes this many bytes more of what waits or is to come. */
  public void take(int bytes) throws Exception {
    run(() -> channel.take(bytes));
  }

  public void takeAll() throws Exception {
    take(Integer.MAX_VALUE);
  }

  /** Sends a response. */
  public void answer(String response) throws Exception {
    run(() -> channel.writeInbound(bytes(response)));
  }

  /** The text of what it got since the last time. */
  public String text() throws Exception {
    return on(() -> Scene.sent(channel));
  }

  /** What it got since the last time; whole frames. */
  public List<Sent> sent() throws Exception {
    return on(() -> Sent.all(Scene.sentBytes(channel)));
  }

  public void receive(byte[] frame) throws Exception {
    run(() -> channel.writeInbound(Unpooled.wrappedBuffer(frame)));
  }

  /** Ends the connection. */
  public void hangUp() throws Exception {
    run(() -> channel.close());
  }

  /** Waits until all that was posted is carried out. */
  public void settle() throws Exception {
    run(() -> {});
    run(() -> {}); // what the first posted
  }

  /** Runs this on the loop, and gives what it gives or throws what it throws. */
  public <T> T on(Callable<T> task) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    connection
        .door()
        .loop()
        .execute(
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
              }
            });
    return result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private interface Action {
    void run() throws Exception;
  }

  private void run(Action action) throws Exception {
    on(
        () -> {
          action.run();
          return true;
        });
  }

  @Override
  public void close() {
    connection.close();
  }
}
