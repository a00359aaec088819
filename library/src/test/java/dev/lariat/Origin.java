package dev.lariat;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.connection.Scene;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Retry;
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
final class Origin implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final WebSocketOptions SILENT = WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF);

  final Mailbox mailbox = Mailbox.unbounded();
  final Connection connection;
  private Scene.@Nullable Socket channel; // the loop's own

  Origin() {
    this(ConnectionOptions.DEFAULT);
  }

  Origin(ConnectionOptions options) {
    this(options, Retry.NEVER);
  }

  Origin(ConnectionOptions options, Retry retry) {
    connection =
        new Connection(
                "origin:80",
                HttpUri.of(false, Authority.of("origin", 80)),
                options.retry(retry),
                this::dial,
                ThisMachine.THIS,
                ThisMachine.THIS.nextLoop(),
                mailbox)
            .open(Scope.Hold.NONE);
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
  WebSocket asked(WebSocketOptions options) throws Exception {
    connection.awaitUp(PATIENCE);
    return connection.webSocket("/", options);
  }

  /** Accepts the upgrade; whatever was sent by then is behind the request. */
  void accept() throws Exception {
    run(() -> channel.writeInbound(bytes(Scene.accepting(Scene.sent(channel)))));
  }

  WebSocket upgraded(WebSocketOptions options) throws Exception {
    WebSocket socket = asked(options);
    accept();
    return socket;
  }

  private static Object bytes(String text) {
    return Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Takes nothing more from now on. */
  void clog() throws Exception {
    run(() -> channel.clog());
  }

  /** Takes this many bytes more of what waits or is to come. */
  void take(int bytes) throws Exception {
    run(() -> channel.take(bytes));
  }

  void takeAll() throws Exception {
    take(Integer.MAX_VALUE);
  }

  /** Sends a response. */
  void answer(String response) throws Exception {
    run(() -> channel.writeInbound(bytes(response)));
  }

  /** The text of what it got since the last time. */
  String text() throws Exception {
    return on(() -> Scene.sent(channel));
  }

  /** What it got since the last time; whole frames. */
  List<Sent> sent() throws Exception {
    return on(() -> Sent.all(Scene.sentBytes(channel)));
  }

  void receive(byte[] frame) throws Exception {
    run(() -> channel.writeInbound(Unpooled.wrappedBuffer(frame)));
  }

  /** Ends the connection. */
  void hangUp() throws Exception {
    run(() -> channel.close());
  }

  /** Waits until all that was posted is carried out. */
  void settle() throws Exception {
    run(() -> {});
    run(() -> {}); // what the first posted
  }

  /** Runs this on the loop, and gives what it gives or throws what it throws. */
  <T> T on(Callable<T> task) throws Exception {
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
