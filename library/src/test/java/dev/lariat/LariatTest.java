package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.entrance.CallbackInbox;
import dev.lariat.internal.transport.Place;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import java.net.URI;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.KeyGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The entrance refuses what is wrong at once, and opens what is not without waiting for anything.
 */
@Timeout(30)
class LariatTest {
  private static final ConnectionOptions ONCE = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);
  private static final int NOBODY_LISTENS = 1;

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65536})
  void refusesAPortOutOfRange(int port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open("localhost", port))
        .withMessage("port: " + port + ", allowed 1 to 65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "a\r\nb", "a/b", "user@host", "[]", "a%0d%0ab"})
  void refusesAHostThatIsNone(String host) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open(host, 80))
        .withMessageStartingWith("host: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host/", "host", "//host/", "http:/path", "ws://user:secret@host/"})
  void refusesAUriThatNamesNoOriginItCanReach(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open(URI.create(uri)))
        .withMessageStartingWith("uri: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void refusesCreditThatIsNone(long credit) {
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      WebSocket socket = connection.webSocket("/");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> socket.credit(credit))
          .withMessage("credit: " + credit + ", allowed 1 to " + Long.MAX_VALUE);
    }
  }

  @Test
  void takesCreditThatComesTooLate() throws Exception {
    Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS);
    WebSocket socket = connection.webSocket("/");
    socket.credit(Long.MAX_VALUE);
    connection.close();
    Message told = connection.mailbox().take();
    while (!(told instanceof Terminated)) {
      told = connection.mailbox().take();
    }
    socket.credit(1);
    assertThatThrownBy(() -> socket.send(new Text("late"))).isInstanceOf(FailedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "http://host/, host:80",
    "http://my_host:8080/, my_host:8080",
    "http://bücher.example, xn--bcher-kva.example:80",
    "https://feed.example., feed.example.:443",
    "http://[fe80::1%25eth0], [fe80::1%25eth0]:80",
    "ws://host, host:80",
    "https://host, host:443",
    "WSS://host, host:443",
    "ws://host:8080/, host:8080",
    "ws://[::1]:8080/, [::1]:8080"
  })
  void takesThePortFromTheUriOrFromItsScheme(String uri, String authority) {
    try (Connection connection = Lariat.open(URI.create(uri), ONCE)) {
      assertThat(connection.authority()).isEqualTo(authority);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://host, host",
    "http://my_host:8080, my_host:8080",
    "ws://host:80, host",
    "https://host, host",
    "https://host:443, host",
    "http://host:443, host:443",
    "https://host:80, host:80",
    "http://[::1], [::1]",
    "https://[::1]:8443, [::1]:8443"
  })
  void namesThePortOfTheHostUnlessTheSchemeSaysIt(String uri, String host) {
    World world = new World();
    try (Connection connection = Lariat.open(URI.create(uri), world.options())) {
      World.Line line = world.attempt().up();
      connection.get("/");
      world.run();
      assertThat(line.text()).isEqualTo("GET / HTTP/1.1\r\nhost: " + host + "\r\n\r\n");
    }
    world.run();
  }

  @ParameterizedTest
  @CsvSource({
    "http://host/path, /path",
    "http://host/path?query, /path?query",
    "ws://host?query, /?query"
  })
  void aUriWithAPathIsRefusedSinceTheConnectionWouldDropIt(String uri, String target) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open(URI.create(uri)))
        .withMessageStartingWith(
            "uri: one with the path \"" + target + "\", allowed only an origin")
        .withMessageContaining("connection.webSocket(path)");
  }

  @Test
  void aUriWithAFragmentIsRefusedSinceNoServerWouldSeeIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open(URI.create("http://host/#fragment")))
        .withMessage(
            "uri: one with the fragment \"#fragment\", allowed only an origin: clients do not"
                + " send fragments to servers");
  }

  @Test
  void aUriWithoutAHostIsRefusedForThat() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lariat.open(URI.create("http:/path")))
        .withMessageContaining("host");
  }

  @Test
  void aZoneIsDialedAndNotSent() {
    World world = new World();
    try (Connection connection =
        Lariat.open(URI.create("http://[fe80::1%25eth0]:8080"), world.options())) {
      World.Attempt attempt = world.attempt();
      assertThat(attempt.place)
          .isInstanceOfSatisfying(
              Place.Host.class,
              place -> assertThat(place.authority().lookup()).isEqualTo("fe80::1%eth0"));
      World.Line line = attempt.up();
      connection.get("/");
      world.run();
      assertThat(line.text()).isEqualTo("GET / HTTP/1.1\r\nhost: [fe80::1]:8080\r\n\r\n");
    }
    world.run();
  }

  @Test
  void refusesKeysThatCannotBeUsed() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.DEFAULT.trust(store))
        .withMessage("tls.trustStore: an empty key store, allowed one with entries");
    KeyGenerator generator = KeyGenerator.getInstance("AES");
    KeyStore.Entry entry = new KeyStore.SecretKeyEntry(generator.generateKey());
    store.setEntry("own", entry, new KeyStore.PasswordProtection("right".toCharArray()));
    Tls wrongPassword = Tls.DEFAULT.identity(store, "wrong");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Lariat.open("localhost", 443, ConnectionOptions.DEFAULT.tls(wrongPassword)))
        .withMessageStartingWith("tls: ");
  }

  @Test
  void tellsARefusedConnectionByItsReasonAtOnce() {
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      assertThatThrownBy(() -> connection.awaitUp(Duration.ofMinutes(10)))
          .isInstanceOfSatisfying(
              FailedException.class,
              e ->
                  assertThat(e.reason())
                      .isEqualTo(new Reason.Refused("127.0.0.1:" + NOBODY_LISTENS)))
          .hasMessage("The address 127.0.0.1:1 refused the connection.");
    }
  }

  @Test
  void awaitsForAsLongAsADurationCanBe() {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      assertThatThrownBy(() -> connection.awaitUp(longest))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.Refused.class));
      assertThatThrownBy(() -> connection.awaitUp(longest.negated()))
          .isInstanceOf(FailedException.class);
    }
  }

  @Test
  void tellsWhyItEndedToWhoAwaitsItTooLate() throws Exception {
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS, ONCE)) {
      assertThat(connection.mailbox().take()).isInstanceOf(Terminated.class);
      assertThatThrownBy(() -> connection.awaitUp(Duration.ofMinutes(10)))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.Refused.class));
    }
  }

  @Test
  void throwsForWhateverIsAskedOfAConnectionThatHasTerminated() throws Exception {
    Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS, ONCE);
    assertThat(connection.mailbox().take()).isInstanceOf(Terminated.class);
    assertThatThrownBy(() -> connection.get("/"))
        .isInstanceOf(FailedException.class)
        .hasMessage(
            "The operation request is not possible: the connection has terminated: The address"
                + " 127.0.0.1:1 refused the connection.");
    assertThatThrownBy(() -> connection.webSocket("/")).isInstanceOf(FailedException.class);
    connection.shutdown();
    connection.close();
    assertThat(connection.mailbox().take(Duration.ofMillis(1)))
        .as("nothing follows Terminated")
        .isNull();
  }

  @Test
  void refusesAPathThatIsNone() {
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      for (String path : new String[] {"", "ws", "/a b", "/a\r\nX: y", "/a#fragment", "/ä"}) {
        assertThatIllegalArgumentException().isThrownBy(() -> connection.webSocket(path));
        assertThatIllegalArgumentException().isThrownBy(() -> connection.get(path));
      }
    }
  }

  @Test
  void aClosedMailboxOwnsNoConnection() {
    Mailbox mailbox = Mailbox.create();
    mailbox.close();
    assertThatIllegalStateException().isThrownBy(() -> Lariat.open("localhost", 80, mailbox));
  }

  @Test
  void closingTheMailboxEndsTheConnectionsThatItOwns() throws Exception {
    Mailbox mailbox = Mailbox.create();
    Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS, mailbox);
    CompletableFuture<Message> last = new CompletableFuture<>();
    mailbox.close();
    connection.endWith(Thread.ofVirtual().start(() -> {}));
    // the mailbox hears nothing more; that the connection has ended is seen by what it refuses
    try (Mailbox next = Mailbox.create()) {
      connection.owner(next);
      last.complete(next.take(Duration.ofSeconds(20)));
    } catch (FailedException alreadyTerminated) {
      return;
    }
    assertThat(last.get(20, TimeUnit.SECONDS)).isInstanceOf(Terminated.class);
  }

  @Test
  void aThreadsEndEndsItsConnection() throws Exception {
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      connection.endWith(Thread.ofVirtual().start(() -> {}));
      Message message = connection.mailbox().take();
      while (!(message instanceof Terminated)) {
        message = connection.mailbox().take();
      }
      assertThat(((Terminated) message).reason()).isEqualTo(new Reason.OwnerClosed());
    }
  }

  @Test
  void nobodyWatchesAThreadForAConnectionThatHasEnded() throws Exception {
    Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS);
    Thread watch = connection.ownership().watch(Thread.currentThread()); // which lives on
    connection.close();
    watch.join();
    connection
        .ownership()
        .watch(Thread.currentThread())
        .join(); // nor for one that had ended before
  }

  @Test
  void refusesToBlockAnEventLoop() throws Exception {
    CompletableFuture<Throwable> onLoop = new CompletableFuture<>();
    Receiver receiver =
        message -> {
          try {
            message.connection();
            Mailbox.create().take();
          } catch (Throwable t) {
            onLoop.complete(t);
          }
        };
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS, receiver)) {
      assertThat(connection).isNotNull();
      assertThat(onLoop.get(20, TimeUnit.SECONDS))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("reading a mailbox would block an event loop; on it, be a Receiver");
    }
  }

  @Test
  void aReceiverThatThrowsAtAValueThatHasNoWordsHearsTheNextMessageToo() {
    Object wordless =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("the user's value");
          }
        };
    List<Message> heard = new ArrayList<>();
    Receiver receiver =
        message -> {
          heard.add(message);
          throw new IllegalStateException("the user's receiver");
        };
    try (Connection connection = Lariat.open("127.0.0.1", NOBODY_LISTENS)) {
      Message message = new SubprotocolMessage(() -> connection, wordless);
      new CallbackInbox(receiver, connection, (culprit, told, thrown) -> {})
          .put(new Message[] {message, message}, 2);
    }
    assertThat(heard).hasSize(2);
  }

  @Test
  void aReceiverThatThrowsHearsTheNextMessageAllTheSame() throws Exception {
    CompletableFuture<Message> second = new CompletableFuture<>();
    Receiver receiver =
        message -> {
          if (message instanceof Terminated) {
            second.complete(message);
          }
          throw new IllegalStateException("the user's");
        };
    try (Connection connection =
        Lariat.open(
            "127.0.0.1",
            NOBODY_LISTENS,
            ConnectionOptions.DEFAULT.retry(Backoff.GUN.attempts(1)),
            receiver)) {
      assertThat(connection.authority()).isEqualTo("127.0.0.1:1");
      assertThat(second.get(20, TimeUnit.SECONDS)).isInstanceOf(Terminated.class);
    }
  }
}
