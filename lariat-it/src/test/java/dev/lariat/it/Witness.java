package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.RawOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The owner of a connection in a test: takes its messages in order, and at the end closes it and
 * holds everything that it was told against the promises of {@link Message}.
 */
final class Witness implements AutoCloseable {
  /** Retries that a test need not wait for. */
  static final ConnectionOptions QUICK =
      ConnectionOptions.DEFAULT.retry(
          Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50)));

  /** For what must happen; a test that is right never waits this long. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Connection connection;
  private final Mailbox mailbox;
  private final List<StreamRef> begun = new ArrayList<>();
  private final List<Message> told = new ArrayList<>();
  private boolean terminated;

  Witness(Connection connection) {
    this.connection = connection;
    this.mailbox = connection.mailbox();
  }

  static Witness open(String host, int port, ConnectionOptions options) {
    return new Witness(Lariat.open(host, port, options));
  }

  static Witness open(int port) {
    return open("127.0.0.1", port, QUICK);
  }

  Connection connection() {
    return connection;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  // ---- what a test asks for

  WebSocket webSocket(String path, WebSocketOptions options) {
    WebSocket socket = connection.webSocket(path, options);
    begun.add(socket);
    return socket;
  }

  /** A WebSocket that is open. */
  WebSocket upgraded(String path, WebSocketOptions options) {
    WebSocket socket = webSocket(path, options);
    assertThat(until(Upgraded.class).stream()).isSameAs(socket);
    return socket;
  }

  Exchange request(Request request) {
    Exchange exchange = connection.request(request);
    begun.add(exchange);
    return exchange;
  }

  /** A request whose body follows. */
  Exchange begin(Request request) {
    Exchange exchange = connection.begin(request);
    begun.add(exchange);
    return exchange;
  }

  /** A request for another protocol. */
  Exchange upgrade(Request request, String... protocols) {
    Exchange exchange = connection.upgrade(request, protocols);
    begun.add(exchange);
    return exchange;
  }

  /** The stream of a raw connection. */
  Exchange raw(RawOptions options) {
    Exchange exchange = connection.raw(options);
    begun.add(exchange);
    return exchange;
  }

  /** What a request was answered. */
  record Answer(int status, Headers headers, String body) {}

  /** Asks, and waits for the whole answer. */
  Answer ask(Request request) {
    Exchange exchange = request(request);
    Response response = until(Response.class);
    assertThat(response.stream()).isSameAs(exchange);
    return answer(response);
  }

  Answer get(String path) {
    return ask(Request.of("GET", path));
  }

  /** The whole answer that begins with this response. */
  Answer answer(Response response) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean end = response.fin();
    while (!end) {
      end =
          switch (next(Message.OfStream.class)) {
            case Data(var stream, var fin, var bytes) -> {
              body.writeBytes(bytes.toArray());
              yield fin;
            }
            case Trailers trailers -> true;
            case Message other -> fail("a body went on with " + other);
          };
    }
    String text = Bytes.wrap(body.toByteArray()).utf8();
    return new Answer(response.status(), response.headers(), text);
  }

  // ---- what it is told

  /** The next message, which must be of this kind; notices are passed over. */
  <T extends Message> T next(Class<T> kind) {
    Message message = take();
    while (message instanceof Notice && kind != Notice.class) {
      message = take();
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  /** The next message of this kind, past whatever stands before it. */
  <T extends Message> T until(Class<T> kind) {
    long start = System.nanoTime();
    Message message = take();
    while (!kind.isInstance(message)) {
      assertThat(System.nanoTime() - start)
          .as("the wait for %s, the last messages being %s", kind, shown())
          .isLessThan(PATIENCE.toNanos());
      assertThat(message)
          .as("the last message, %s awaited", kind)
          .isNotInstanceOf(Terminated.class);
      message = take();
    }
    return kind.cast(message);
  }

  /** The next frame. */
  Frame frame() {
    return next(WebSocketFrame.class).frame();
  }

  /** The reason of the first attempt, which must fail. */
  Reason firstFailure() {
    return next(Retrying.class).reason();
  }

  /** The end, which must be the next that is told. */
  Reason end() {
    return next(Terminated.class).reason();
  }

  List<Message> told() {
    return List.copyOf(told);
  }

  private Message take() {
    try {
      Message message = mailbox.take(PATIENCE);
      assertThat(message).as("a message after %s", shown()).isNotNull();
      told.add(message);
      if (message instanceof Push push) {
        begun.add(push.promised());
      }
      terminated |= message instanceof Terminated;
      return message;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Message> shown() {
    return told.subList(Math.max(0, told.size() - 10), told.size());
  }

  // ---- the promises

  @Override
  public void close() {
    connection.close();
    while (!terminated) {
      take();
    }
    try {
      assertThat(mailbox.take(Duration.ZERO)).as("after Terminated").isNull();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    keepsItsPromises(told, begun);
  }

  static void keepsItsPromises(List<Message> told, List<StreamRef> begun) {
    assertThat(told.stream().filter(Terminated.class::isInstance)).as("Terminated").hasSize(1);
    assertThat(told.getLast()).isInstanceOf(Terminated.class);
    List<StreamRef> ended = new ArrayList<>();
    boolean up = false;
    for (Message message : told) {
      switch (message) {
        case Up now -> {
          assertThat(up).as("up before %s", now).isFalse();
          up = true;
        }
        case Down down -> {
          assertThat(up).as("up before %s", down).isTrue();
          up = false;
          List<StreamRef> killed =
              down.killed().stream().filter(stream -> !(stream instanceof Tunnel)).toList();
          assertThat(ended).as("ended before Down").containsAll(killed); // a tunnel ends as such
          assertThat(ended).as("ended before Down").containsAll(down.unprocessed());
        }
        case Message.OfStream of -> {
          assertThat(ended).as("streams that ended before %s", of).doesNotContain(of.stream());
          if (of.ends()) {
            ended.add(of.stream());
          }
        }
        case Retrying retrying -> assertThat(up).as("up before %s", retrying).isFalse();
        case Message.OfConnection other -> {}
      }
    }
    assertThat(ended).as("the streams that ended").containsExactlyInAnyOrderElementsOf(begun);
  }
}
