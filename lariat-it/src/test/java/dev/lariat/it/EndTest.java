package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a connection does not begin, and how it ends. */
final class EndTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final Reason OWNER_CLOSED = new Reason.OwnerClosed();

  // ---- what is not there

  @Test
  void aRefusedConnectionIsToldAtOnce() throws Exception {
    int port = Server.freePorts(1).get(0);
    try (Witness witness = Witness.open(port)) {
      Reason refused = new Reason.Refused("127.0.0.1:" + port);
      assertThatThrownBy(() -> witness.connection().awaitUp(Witness.PATIENCE))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isEqualTo(refused));
      assertThat(witness.firstFailure()).isEqualTo(refused);
    }
  }

  @Test
  void aPolicyWithoutRetriesGivesUp() {
    int port = Server.freePorts(1).get(0);
    ConnectionOptions once = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);
    try (Witness witness = Witness.open("127.0.0.1", port, once)) {
      Reason refused = new Reason.Refused("127.0.0.1:" + port);
      assertThat(witness.end()).isEqualTo(new Reason.GaveUp(0, refused));
      assertThatThrownBy(() -> witness.connection().awaitUp(Witness.PATIENCE))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isEqualTo(refused));
      assertThatThrownBy(() -> witness.connection().get("/")).isInstanceOf(FailedException.class);
    }
  }

  @Test
  void aPolicyGivesUpAfterItsAttempts() {
    int port = Server.freePorts(1).get(0);
    ConnectionOptions thrice = Witness.QUICK.retry(Witness.QUICK.retry().attempts(3));
    try (Witness witness = Witness.open("127.0.0.1", port, thrice)) {
      for (int i = 1; i <= 3; i++) {
        assertThat(witness.next(Retrying.class).attempt()).isEqualTo(i);
      }
      Reason refused = new Reason.Refused("127.0.0.1:" + port);
      assertThat(witness.end()).isEqualTo(new Reason.GaveUp(3, refused));
    }
  }

  @Test
  void aNameThatDoesNotExistIsTold() {
    ConnectionOptions options =
        Witness.QUICK.timeouts(Timeouts.DEFAULT.lookup(Duration.ofSeconds(2)));
    try (Witness witness = Witness.open("nobody.invalid", 80, options)) {
      assertThat(witness.firstFailure())
          .satisfiesAnyOf(
              reason -> assertThat(reason).isInstanceOf(Reason.Unresolved.class),
              reason -> // where the resolver itself is not to be had
              assertThat(reason)
                      .isEqualTo(
                          new Reason.Timeout(
                              Reason.Step.LOOKUP,
                              Duration.ofSeconds(2),
                              Optional.of(new Reason.Unresolved("nobody.invalid", "no answer")))));
    }
  }

  @Test
  void aLookupHasADeadline() {
    ConnectionOptions options =
        Witness.QUICK.timeouts(Timeouts.DEFAULT.lookup(Duration.ofMillis(1)));
    try (Witness witness = Witness.open("nobody.invalid", 80, options)) {
      assertThat(witness.firstFailure())
          .isInstanceOfAny(Reason.Timeout.class, Reason.Unresolved.class);
    }
  }

  @Test
  void anAddressThatNeverAnswersIsLeftAtItsDeadline() throws IOException {
    ConnectionOptions options =
        Witness.QUICK.timeouts(Timeouts.DEFAULT.connect(Duration.ofMillis(100)));
    try (FullPort full = new FullPort();
        Witness witness = Witness.open("127.0.0.1", full.port(), options)) {
      assertThat(witness.firstFailure())
          .isEqualTo(
              new Reason.Timeout(
                  Reason.Step.CONNECT,
                  Duration.ofMillis(100),
                  Optional.of(new Reason.Unreachable("127.0.0.1:" + full.port(), "no answer"))));
    }
  }

  /** A port whose queue is full: the kernel drops whatever asks for it. */
  private static final class FullPort implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<SocketChannel> waiting = new ArrayList<>();

    FullPort() throws IOException {
      for (int i = 0; i < 4; i++) { // two fill the queue
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(new InetSocketAddress(listening.getInetAddress(), port()));
        waiting.add(channel);
      }
    }

    int port() {
      return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      for (SocketChannel channel : waiting) {
        channel.close();
      }
      listening.close();
    }
  }

  // ---- close() in the middle of something

  private static void closesAtOnce(Witness witness) {
    long start = System.nanoTime();
    witness.connection().close();
    assertThat(witness.until(Terminated.class).reason()).isEqualTo(OWNER_CLOSED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
  }

  /** How many sockets of this network are connected, or connecting, to this port. */
  private static long socketsTo(int port) throws IOException {
    String remote = ":%04X".formatted(port);
    List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/self/net/tcp")));
    lines.addAll(Files.readAllLines(Path.of("/proc/self/net/tcp6")));
    return lines.stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[2].endsWith(remote))
        .filter(fields -> !fields[9].equals("0")) // held by a process still
        .count();
  }

  private static void awaitSocketsTo(int port, long count) throws IOException {
    long start = System.nanoTime();
    while (socketsTo(port) != count) {
      assertThat(System.nanoTime() - start)
          .as("the wait for %d sockets to %d", count, port)
          .isLessThan(Witness.PATIENCE.toNanos());
      Thread.onSpinWait();
    }
  }

  @Test
  void closeWorksBeforeAnythingElse() {
    try (Witness witness = Witness.open(Server.freePorts(1).get(0))) {
      witness.request(Request.of("GET", "/"));
      closesAtOnce(witness);
    }
  }

  @Test
  void closeWorksInTheMiddleOfALookup() {
    try (Witness witness = Witness.open("nobody.invalid", 80, ConnectionOptions.DEFAULT)) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      closesAtOnce(witness);
    }
  }

  @Test
  void closeWorksInTheMiddleOfAConnect() throws IOException {
    try (FullPort full = new FullPort();
        Witness witness = Witness.open(full.port())) {
      long others = full.waiting.size();
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      awaitSocketsTo(full.port(), others + 1);
      closesAtOnce(witness);
      awaitSocketsTo(full.port(), others);
    }
  }

  @Test
  void closeWorksInTheMiddleOfATlsHandshake() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    ScriptedServer.Script silent =
        peer -> {
          peer.read();
          begun.countDown();
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(silent);
        Witness witness =
            Witness.open("127.0.0.1", server.port(), Witness.QUICK.tls(Certificates.trusted()))) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      assertThat(begun.await(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      closesAtOnce(witness);
      assertThat(server.sawTheEnd()).isTrue();
    }
  }

  @Test
  void closeWorksInTheMiddleOfAnUpgrade() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    ScriptedServer.Script silent =
        peer -> {
          peer.head();
          begun.countDown();
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(silent);
        Witness witness = Witness.open(server.port())) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      assertThat(begun.await(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      closesAtOnce(witness);
      assertThat(server.sawTheEnd()).isTrue();
    }
  }

  @Test
  void closeWorksWhileItWaitsForTheNextAttempt() {
    ConnectionOptions patient =
        ConnectionOptions.DEFAULT.retry(
            Backoff.DEFAULT.delays(Duration.ofDays(1), Duration.ofDays(1)));
    try (Witness witness = Witness.open("127.0.0.1", Server.freePorts(1).get(0), patient)) {
      witness.next(Retrying.class);
      closesAtOnce(witness);
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void closeEndsAnOpenWebSocketWithoutAGoodbye() {
    try (Witness witness = Witness.open(Servers.python().port(0));
        Witness other = Witness.open(Servers.python().port(0))) {
      witness.upgraded("/watched?name=close", WebSocketOptions.DEFAULT);
      assertThat(witness.frame()).isEqualTo(new Text("watching"));
      witness.connection().close();
      assertThat(witness.next(StreamFailed.class).reason()).isEqualTo(OWNER_CLOSED);
      assertThat(witness.end()).isEqualTo(OWNER_CLOSED);
      other.upgraded("/goodbye?name=close", WebSocketOptions.DEFAULT);
      assertThat(other.frame()).isEqualTo(new Text("1006"));
    }
  }

  // ---- goodbyes

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void shutdownSaysGoodbyeWith1001() {
    try (Witness witness = Witness.open(Servers.python().port(0));
        Witness other = Witness.open(Servers.python().port(0))) {
      witness.upgraded("/watched?name=shutdown", WebSocketOptions.DEFAULT);
      assertThat(witness.frame()).isEqualTo(new Text("watching"));
      witness.connection().shutdown();
      WebSocketClosed closed = witness.until(WebSocketClosed.class);
      assertThat(closed.handshake().sent().code()).isEqualTo(1001);
      assertThat(witness.end()).isEqualTo(OWNER_CLOSED);
      other.upgraded("/goodbye?name=shutdown", WebSocketOptions.DEFAULT);
      assertThat(other.frame()).isEqualTo(new Text("1001"));
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void theDeathOfTheOwnersMailboxSaysGoodbyeWith1001() throws Exception {
    BlockingQueue<Message> told = new LinkedBlockingQueue<>();
    Mailbox mailbox = Mailbox.create();
    Connection connection =
        Lariat.open("127.0.0.1", Servers.python().port(0), Witness.QUICK, mailbox);
    try (Witness other = Witness.open(Servers.python().port(0))) {
      connection.webSocket("/watched?name=mailbox", WebSocketOptions.DEFAULT.replyTo(told::add));
      assertThat(poll(told)).isInstanceOf(Upgraded.class);
      assertThat(poll(told))
          .isInstanceOfSatisfying(
              WebSocketFrame.class,
              message -> assertThat(message.frame()).isEqualTo(new Text("watching")));
      mailbox.close();
      other.upgraded("/goodbye?name=mailbox", WebSocketOptions.DEFAULT);
      assertThat(other.frame()).isEqualTo(new Text("1001"));
      assertThatThrownBy(mailbox::take).isInstanceOf(IllegalStateException.class);
    }
  }

  private static Message poll(BlockingQueue<Message> told) throws InterruptedException {
    return told.poll(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  // ---- receivers

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void aReceiverThatThrowsIsToldToTheOwnerAndHarmsNothing() throws Exception {
    BlockingQueue<Message> told = new LinkedBlockingQueue<>();
    Receiver throwing =
        message -> {
          told.add(message);
          throw new IllegalStateException("thrown on purpose");
        };
    try (Connection connection = Lariat.open("127.0.0.1", Servers.python().port(0))) {
      WebSocket socket = connection.webSocket("/echo", WebSocketOptions.DEFAULT.replyTo(throwing));
      socket.send(new Text("one"), new Text("two"));
      assertThat(poll(told)).isInstanceOf(Upgraded.class);
      assertThat(poll(told)).isEqualTo(new WebSocketFrame(socket, new Text("one")));
      assertThat(poll(told)).isEqualTo(new WebSocketFrame(socket, new Text("two")));
      Mailbox owner = connection.mailbox();
      assertThat(owner.take(Witness.PATIENCE)).isInstanceOf(Up.class);
      for (int i = 0; i < 3; i++) {
        assertThat(owner.take(Witness.PATIENCE))
            .isInstanceOfSatisfying(
                Notice.class,
                notice -> assertThat(notice.detail()).isInstanceOf(Notice.ReceiverThrew.class));
      }
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void anOwnerThatThrowsIsToldEverythingAllTheSame() throws Exception {
    BlockingQueue<Message> told = new LinkedBlockingQueue<>();
    Receiver throwing =
        message -> {
          told.add(message);
          throw new IllegalStateException("thrown on purpose");
        };
    Connection connection =
        Lariat.open("127.0.0.1", Servers.python().port(0), Witness.QUICK, throwing);
    assertThat(poll(told)).isInstanceOf(Up.class);
    connection.close();
    assertThat(poll(told)).isInstanceOf(Terminated.class);
  }
}
