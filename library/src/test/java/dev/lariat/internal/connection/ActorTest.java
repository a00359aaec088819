package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActorTest {
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:80");
  private static final Backoff STEADY =
      Backoff.DEFAULT
          .jitter(false)
          .delays(Duration.ofSeconds(1), Duration.ofSeconds(4))
          .stable(Duration.ofSeconds(10));
  private static final ConnectionOptions OPTIONS =
      ConnectionOptions.DEFAULT.retry(STEADY).http1(Http1.DEFAULT.pipelining(10));

  private final Scene scene = new Scene(OPTIONS);

  // ---- attempts

  @Test
  void saysUpWhenConnected() {
    scene.up();
    assertThat(scene.owner.told()).containsExactly(new Up(scene.ref, Protocol.HTTP_1_1));
  }

  @Test
  void tellsEveryFailedAttemptWithItsReasonAndTheDelayThatFollows() {
    for (int seconds : new int[] {1, 2, 4, 4}) {
      scene.attempt().fails(REFUSED);
      assertThat(scene.owner.told())
          .singleElement()
          .isInstanceOfSatisfying(
              Retrying.class,
              retrying -> {
                assertThat(retrying.delay()).isEqualTo(Duration.ofSeconds(seconds));
                assertThat(retrying.reason()).isEqualTo(REFUSED);
              });
      scene.advance(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(scene.attempts).isEmpty();
      scene.advance(Duration.ofNanos(1));
    }
  }

  @Test
  void triesAsGunDoesByGunsPolicy() {
    Scene gun = new Scene(ConnectionOptions.DEFAULT.retry(Backoff.GUN));
    for (int attempt = 1; attempt <= 5; attempt++) {
      gun.attempt().fails(REFUSED);
      Duration delay = attempt == 1 ? Duration.ZERO : Duration.ofSeconds(5);
      assertThat(gun.owner.told()).containsExactly(new Retrying(gun.ref, attempt, delay, REFUSED));
      gun.advance(delay);
    }
    gun.attempt().fails(REFUSED);
    assertThat(gun.owner.told())
        .containsExactly(new Terminated(gun.ref, new Reason.GaveUp(5, REFUSED)));
    gun.advance(Duration.ofDays(1));
    assertThat(gun.attempts).isEmpty();
  }

  @Test
  void givesUpAtTheFirstFailureWhenItMayNeverRetry() {
    Scene never = new Scene(ConnectionOptions.DEFAULT.retry(Backoff.NEVER));
    never.attempt().fails(REFUSED);
    assertThat(never.owner.told())
        .containsExactly(new Terminated(never.ref, new Reason.GaveUp(0, REFUSED)));
  }

  @Test
  void tellsWhoseRequestWasHeldWhyTheDialFailedThatWasTheLast() {
    Scene never = new Scene(ConnectionOptions.DEFAULT.retry(Backoff.NEVER));
    Stream stream = never.get("/");
    never.attempt().fails(REFUSED);
    Reason unsent =
        new Reason.Unprocessed("the connection ended before it was sent", Optional.of(REFUSED));
    assertThat(never.owner.told())
        .containsExactly(
            new StreamFailed(stream.ref(), unsent),
            new Terminated(never.ref, new Reason.GaveUp(0, REFUSED)));
    assertThat(unsent.sentence())
        .isEqualTo(
            "The request was not processed: the connection ended before it was sent: "
                + "The address 127.0.0.1:80 refused the connection.");
  }

  @Test
  void countsAttemptsAnewOnlyAfterAStableConnection() {
    scene.attempt().fails(REFUSED);
    scene.advance(Duration.ofSeconds(1));
    EmbeddedChannel brief = scene.up();
    scene.owner.told();
    scene.advance(Duration.ofSeconds(9));
    lose(brief);
    assertThat(retrying().attempt()).isEqualTo(2);
    scene.advance(Duration.ofSeconds(2));
    EmbeddedChannel stable = scene.up();
    scene.owner.told();
    scene.advance(Duration.ofSeconds(10));
    lose(stable);
    assertThat(retrying().attempt()).isEqualTo(1);
  }

  @Test
  void aConnectionThatAnsweredAndTookNothingWithItCountsAsNoFailure() {
    for (int connection = 1; connection <= 5; connection++) {
      EmbeddedChannel channel = scene.up();
      scene.get("/");
      scene.receive(channel, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      List<Message> told = scene.owner.told();
      assertThat(told)
          .contains(
              new Down(scene.ref, Protocol.HTTP_1_1, new Reason.Closed(), List.of(), List.of()),
              new Retrying(scene.ref, 1, Duration.ofSeconds(1), new Reason.Closed()));
      assertThat(told).filteredOn(Response.class::isInstance).hasSize(1);
      scene.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void whatIsAskedForBehindAnEndThatTookNothingWithItDoesNotWait() {
    lose(scene.up());
    assertThat(retrying().delay()).isEqualTo(Duration.ofSeconds(1));
    assertThat(scene.attempts).isEmpty();
    scene.get("/");
    scene.get("/behind");
    EmbeddedChannel channel = scene.up();
    assertThat(Scene.sent(channel)).contains("GET / ", "GET /behind ");
    scene.advance(Duration.ofSeconds(1));
    assertThat(scene.attempts).isEmpty(); // the time of the waiting is over too
  }

  @Test
  void whatIsAskedForBehindAnEndThatTookARequestWithItWaits() {
    EmbeddedChannel channel = scene.up();
    scene.get("/lost");
    lose(channel);
    scene.get("/");
    assertThat(scene.attempts).isEmpty();
    scene.advance(Duration.ofSeconds(1));
    scene.up();
  }

  @Test
  void whatIsAskedForBehindAnAttemptThatFailedWaits() {
    lose(scene.up());
    scene.get("/");
    scene.attempt().fails(REFUSED);
    scene.get("/behind");
    assertThat(scene.attempts).isEmpty();
    scene.advance(Duration.ofSeconds(2));
    scene.up();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void aServerInDistressIsSparedByTheDelay(int status) {
    for (int attempt = 1; attempt <= 3; attempt++) {
      EmbeddedChannel channel = scene.up();
      scene.get("/");
      scene.receive(
          channel, "HTTP/1.1 " + status + " No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      assertThat(retrying().attempt()).isEqualTo(attempt);
      scene.advance(Duration.ofMinutes(1));
    }
  }

  @Test
  void aRefusedUpgradeIsWaitedAfter() {
    for (int attempt = 1; attempt <= 3; attempt++) {
      EmbeddedChannel channel = scene.up();
      scene.webSocket(WebSocketOptions.DEFAULT);
      scene.receive(channel, "HTTP/1.1 403 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      assertThat(retrying().attempt()).isEqualTo(attempt);
      scene.webSocket(WebSocketOptions.DEFAULT);
      assertThat(scene.attempts).isEmpty();
      scene.owner.told();
      scene.advance(Duration.ofMinutes(1));
    }
  }

  @Test
  void aWebSocketIsNotAskedForAgainBeforeItsTime() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.receive(channel, new byte[] {(byte) 0x88, 0}); // a close frame
    lose(channel);
    assertThat(down().killed()).isEmpty();
    scene.webSocket(WebSocketOptions.DEFAULT);
    assertThat(scene.attempts).isEmpty();
  }

  @Test
  void doesWhatTheUsersScheduleSays() {
    Backoff own =
        Backoff.DEFAULT.schedule(
            (attempt, reason) ->
                attempt == 1 ? Optional.of(Duration.ofSeconds(7)) : Optional.empty());
    Scene scheduled = new Scene(ConnectionOptions.DEFAULT.retry(own));
    scheduled.attempt().fails(REFUSED);
    assertThat(scheduled.owner.told())
        .containsExactly(new Retrying(scheduled.ref, 1, Duration.ofSeconds(7), REFUSED));
    scheduled.advance(Duration.ofSeconds(7));
    scheduled.attempt().fails(REFUSED);
    assertThat(scheduled.owner.told())
        .containsExactly(new Terminated(scheduled.ref, new Reason.GaveUp(1, REFUSED)));
  }

  @Test
  void tellsWhoAwaitsItThatAnAttemptFailedAtOnceAndOnce() {
    var first = scene.awaitUp();
    assertThat(first).isNotDone();
    scene.attempt().fails(REFUSED);
    assertThat(first).isCompletedWithValue(new Command.NotEstablished(REFUSED));
    var second = scene.awaitUp();
    assertThat(second).as("the next attempt's").isNotDone();
    scene.advance(Duration.ofSeconds(1));
    scene.up();
    assertThat(second).isCompletedWithValue(new Command.Established(Protocol.HTTP_1_1));
    assertThat(scene.awaitUp()).isCompletedWithValue(new Command.Established(Protocol.HTTP_1_1));
  }

  @Test
  void tellsWhoAsksLaterOfTheAttemptThatFailedBefore() {
    scene.attempt().fails(REFUSED);
    assertThat(scene.awaitUp()).isCompletedWithValue(new Command.NotEstablished(REFUSED));
    assertThat(scene.awaitUp()).isNotDone();
  }

  @Test
  void tellsWhoAsksLaterWhatWhoHasStoppedWaitingDidNotHear() {
    scene.awaitUp().cancel(false);
    scene.attempt().fails(REFUSED);
    assertThat(scene.awaitUp()).isCompletedWithValue(new Command.NotEstablished(REFUSED));
  }

  // ---- requests

  @Test
  void sendsWhatWasAskedForBeforeTheConnectionWasThereInOrder() {
    scene.get("/a");
    scene.get("/b");
    EmbeddedChannel channel = scene.up();
    assertThat(Scene.sent(channel))
        .isEqualTo(
            "GET /a HTTP/1.1\r\nhost: origin\r\n\r\nGET /b HTTP/1.1\r\nhost: origin\r\n\r\n");
  }

  @Test
  void holdsNoMoreCommandsThanItsLimit() {
    Scene narrow = new Scene(OPTIONS.limits(Limits.DEFAULT.heldCommands(1)));
    narrow.get("/a");
    Stream second = narrow.get("/b");
    assertThat(narrow.owner.told())
        .containsExactly(
            new StreamFailed(second.ref(), new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1)));
  }

  private static Stream put(Scene scene, String target, int bytes) {
    Stream stream = scene.stream(target, scene.owner);
    var request = dev.lariat.option.Request.of("PUT", target).body(Bytes.ofUtf8("x".repeat(bytes)));
    scene.command(new Command.Request(stream, request));
    return stream;
  }

  @Test
  void holdsNoMoreBytesThanItsLimit() {
    Scene narrow = new Scene(OPTIONS.limits(Limits.DEFAULT.heldBytes(2000)));
    put(narrow, "/a", 900);
    put(narrow, "/b", 900);
    Stream third = put(narrow, "/c", 900);
    StreamFailed full =
        new StreamFailed(third.ref(), new Reason.Limit(Reason.Bound.HELD_BYTES, 2000));
    assertThat(narrow.owner.told()).containsExactly(full);
    put(narrow, "/d", 100);
    assertThat(narrow.owner.told()).as("there is room for a small one").isEmpty();
  }

  @Test
  void holdsARequestOfAnySizeIfNothingElseWaits() {
    Scene narrow = new Scene(OPTIONS.limits(Limits.DEFAULT.heldBytes(100)));
    Stream large = put(narrow, "/large", 500);
    assertThat(narrow.owner.told()).isEmpty();
    narrow.command(new Command.Cancel(large, new Reason.Cancelled()));
    narrow.owner.told();
    put(narrow, "/again", 500);
    assertThat(narrow.owner.told()).as("what was given up takes no room").isEmpty();
    put(narrow, "/another", 500);
    assertThat(narrow.owner.told()).hasSize(1);
    assertThat(Scene.sent(narrow.up())).startsWith("PUT /again ");
  }

  private static boolean isFull(Message told) {
    return told instanceof StreamFailed(var stream, var reason) && reason instanceof Reason.Limit;
  }

  @Test
  void headersCountForTheBytesThatAreHeld() {
    Scene narrow = new Scene(OPTIONS.limits(Limits.DEFAULT.heldBytes(1000)));
    Headers headers = Headers.of("x-large", "v".repeat(600));
    for (String name : List.of("one", "two")) {
      Stream stream = narrow.stream(name, narrow.owner);
      var request = dev.lariat.option.Request.of("GET", "/").headers(headers);
      narrow.command(new Command.Request(stream, request));
    }
    assertThat(narrow.owner.told()).hasSize(1).allMatch(ActorTest::isFull);
  }

  @Test
  void givesTheResponseInOrder() {
    EmbeddedChannel channel = scene.up();
    Stream stream = scene.get("/");
    scene.owner.told();
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    assertThat(scene.owner.told())
        .containsExactly(
            new Response(stream.ref(), false, 200, Headers.of("content-length", "2")),
            new Data(stream.ref(), true, Bytes.ofUtf8("hi")));
  }

  // ---- loss

  @Test
  void failsTheStreamsOfALostConnectionBeforeItSaysDown() {
    EmbeddedChannel channel = scene.up();
    Scene.Records other = new Scene.Records();
    Stream mine = scene.get("/mine");
    Stream others = scene.stream("others", other);
    scene.command(new Command.Request(others, dev.lariat.option.Request.of("GET", "/others")));
    scene.owner.told();
    lose(channel);
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(mine.ref(), new Reason.Unanswered(new Reason.Closed())),
            new Down(
                scene.ref,
                Protocol.HTTP_1_1,
                new Reason.Closed(),
                List.of(mine.ref(), others.ref()),
                List.of()),
            new Retrying(scene.ref, 1, Duration.ofSeconds(1), new Reason.Closed()));
    assertThat(other.told())
        .containsExactly(
            new StreamFailed(others.ref(), new Reason.Unanswered(new Reason.Closed())));
  }

  /** Without a body, with a counted one, and with one that only the end of the connection ends. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\n\r\nab",
        "HTTP/1.0 200 OK\r\n\r\nab",
      })
  void listsNoCompletedStreamAsKilled(String response) {
    EmbeddedChannel channel = scene.up();
    scene.get("/");
    scene.receive(channel, response);
    channel.close();
    scene.run();
    List<Message> told = scene.owner.told();
    assertThat(told).last().isInstanceOf(Retrying.class);
    assertThat(told).hasAtLeastOneElementOfType(Response.class);
    assertThat(told).doesNotHaveAnyElementsOfTypes(StreamFailed.class);
    assertThat(told)
        .contains(
            new Down(scene.ref, Protocol.HTTP_1_1, new Reason.Closed(), List.of(), List.of()));
  }

  @Test
  void namesTheSystemsWordsWhenTheConnectionBreaks() {
    EmbeddedChannel channel = scene.up();
    scene.owner.told();
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    scene.run();
    assertThat(down().reason()).isEqualTo(new Reason.Reset("Connection reset by peer"));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void endsAnEngineWhoseWriteFailsAtOnceOnlyWhenTheEngineHasReturned() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    channel.pipeline().addFirst(new Broken());
    Text small = new Text("small"); // stays in the buffer, until there is no room for the next
    Text large = new Text("x".repeat(100_000));
    scene.send(small, large, large);
    Reason broken = new Reason.Reset("Broken pipe");
    assertThat(scene.owner.told())
        .satisfiesExactly(
            failed -> assertThat(((StreamFailed) failed).reason()).isEqualTo(broken),
            down -> assertThat(((Down) down).reason()).isEqualTo(broken),
            again -> assertThat(((Retrying) again).reason()).isEqualTo(broken),
            late -> assertThat(late).isInstanceOf(Rejected.class));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aHeldRequestThatIsCancelledIsNotSent() {
    Stream one = scene.get("/1");
    scene.get("/2");
    scene.command(new Command.Cancel(one, new Reason.Cancelled()));
    scene.command(new Command.Cancel(one, new Reason.Cancelled()));
    assertThat(scene.owner.told())
        .containsExactly(new StreamFailed(one.ref(), new Reason.Cancelled()));
    assertThat(Scene.sent(scene.up())).startsWith("GET /2 ").doesNotContain("GET /1 ");
  }

  @Test
  void aHeldRequestIsLateWhateverTheConnectionDoes() {
    scene.attempt().fails(new Reason.Refused("a"));
    scene.owner.told();
    Stream stream = scene.stream("late");
    Duration limit = Duration.ofMillis(500);
    scene.command(
        new Command.Request(
            stream,
            dev.lariat.option.Request.of("GET", "/late").timeout(limit),
            true,
            limit.toNanos(),
            List.of(),
            FieldNames.PLAIN));
    scene.advance(limit.minusNanos(1));
    assertThat(scene.owner.told()).isEmpty();
    scene.advance(Duration.ofNanos(1));
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(
                stream.ref(),
                new Reason.Timeout(
                    Reason.Step.RESPONSE, limit, Optional.of(new Reason.Refused("a")))));
    scene.advance(Duration.ofMillis(500));
    assertThat(Scene.sent(scene.up())).isEmpty();
  }

  @Test
  void theDeadlineOfAHeldRequestGoesWithItToTheServer() {
    Stream stream = scene.stream("late");
    Duration limit = Duration.ofMillis(500);
    scene.command(
        new Command.Request(
            stream,
            dev.lariat.option.Request.of("GET", "/late").timeout(limit),
            true,
            limit.toNanos(),
            List.of(),
            FieldNames.PLAIN));
    scene.advance(limit.minusNanos(1));
    assertThat(Scene.sent(scene.up())).startsWith("GET /late ");
    scene.owner.told();
    scene.advance(Duration.ofNanos(1));
    assertThat(scene.owner.told())
        .startsWith(
            new StreamFailed(stream.ref(), new Reason.Timeout(Reason.Step.RESPONSE, limit)));
  }

  @Test
  void endsAnEngineWhoseWriteFailsWhileItEstablishesTheConnectionInOrder() {
    Stream one = scene.get("/1");
    Stream two = scene.get("/2");
    Scene.Socket channel = scene.attempt().succeeds(new Broken());
    assertThat(channel.isOpen()).isFalse();
    Reason broken = new Reason.Reset("Broken pipe");
    assertThat(scene.owner.told())
        .containsExactly(
            new Up(scene.ref, Protocol.HTTP_1_1),
            new StreamFailed(one.ref(), new Reason.Unanswered(broken)),
            new StreamFailed(two.ref(), new Reason.Unanswered(broken)),
            new Down(
                scene.ref, Protocol.HTTP_1_1, broken, List.of(one.ref(), two.ref()), List.of()),
            new Retrying(scene.ref, 1, Duration.ofSeconds(1), broken));
  }

  /** A socket that refuses every write, at once. */
  private static final class Broken extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new IOException("Broken pipe"));
    }
  }

  private static final Reason BROKEN = new Reason.Reset("Broken pipe");

  @Test
  void readsWhatThePeerHadSaidBeforeItStoppedTaking() {
    Scene.Socket channel = scene.up();
    Stream first = scene.get("/1");
    channel.breaks();
    Stream second = scene.get("/2");
    scene.owner.told();
    assertThat(channel.isOpen()).isTrue();
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    lose(channel);
    assertThat(scene.owner.told())
        .containsExactly(
            new Response(first.ref(), false, 200, Headers.of("content-length", "2")),
            new Data(first.ref(), true, Bytes.ofUtf8("hi")),
            new StreamFailed(second.ref(), new Reason.Unanswered(BROKEN)),
            new Down(scene.ref, Protocol.HTTP_1_1, BROKEN, List.of(second.ref()), List.of()),
            new Retrying(scene.ref, 1, Duration.ofSeconds(1), BROKEN));
  }

  @Test
  void namesTheAlertThatComesBehindAWriteThatFailed() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    scene.send(new Text("neither"));
    SSLException alert = new SSLException("Received fatal alert: certificate_required");
    channel.pipeline().fireExceptionCaught(new DecoderException(alert));
    scene.run();
    assertThat(((Reason.Tls) down().reason()).alert()).contains("certificate_required");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void keepsTheReasonOfTheWriteWhenTheReadingFailsToo() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    lose(channel);
    assertThat(down().reason()).isEqualTo(BROKEN);
  }

  @Test
  void aResponseThatOnlyTheEndWouldEndIsNotWholeWhenAWriteMetAReset() {
    Scene.Socket channel = scene.up();
    Stream first = scene.get("/1");
    channel.breaks("Connection reset by peer");
    Stream second = scene.get("/2");
    scene.owner.told();
    scene.receive(channel, "HTTP/1.1 200 OK\r\n\r\nhal");
    lose(channel); // the system tells a plain end once it told the reset to a write
    Reason reset = new Reason.Reset("Connection reset by peer");
    Reason behind =
        new Reason.Unprocessed("the server closes the connection after an earlier response");
    assertThat(scene.owner.told())
        .containsExactly(
            new Response(first.ref(), false, 200, Headers.EMPTY),
            new StreamFailed(second.ref(), behind),
            new Data(first.ref(), false, Bytes.ofUtf8("hal")),
            new StreamFailed(first.ref(), new Reason.Incomplete(reset)),
            new Down(
                scene.ref, Protocol.HTTP_1_1, reset, List.of(first.ref()), List.of(second.ref())),
            new Retrying(scene.ref, 1, Duration.ofSeconds(1), reset));
  }

  @Test
  void aResponseThatOnlyTheEndEndsIsWholeWhenAWriteFailedBehindThatEnd() {
    Scene.Socket channel = scene.up();
    Stream first = scene.get("/1");
    channel.breaks();
    scene.get("/2");
    scene.owner.told();
    scene.receive(channel, "HTTP/1.1 200 OK\r\n\r\nwhole");
    lose(channel);
    assertThat(scene.owner.told())
        .contains(
            new Data(first.ref(), false, Bytes.ofUtf8("whole")),
            new Data(first.ref(), true, Bytes.EMPTY));
  }

  @Test
  void aWebSocketEndsForTheReasonOfTheWriteThatMetAReset() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks("Connection reset by peer");
    scene.send(new Text("unsent"));
    lose(channel);
    Reason reset = new Reason.Reset("Connection reset by peer");
    assertThat(scene.owner.told())
        .satisfiesExactly(
            failed -> assertThat(failed).isEqualTo(new StreamFailed(scene.socket().ref(), reset)),
            down -> assertThat(((Down) down).reason()).isEqualTo(reset),
            again -> assertThat(again).isInstanceOf(Retrying.class));
  }

  @Test
  void endsAtOnceWhenTheReadingFailsBehindAWriteThatFailed() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    scene.run();
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .first()
        .isEqualTo(new StreamFailed(scene.socket().ref(), BROKEN));
  }

  @Test
  void doesNotWaitLongForWhatAPeerMayHaveSaid() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    scene.advance(Duration.ofSeconds(1).minusNanos(1));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(Duration.ofNanos(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(down().reason()).isEqualTo(BROKEN);
  }

  @Test
  void doesNotWaitForItWhereItDoesNotRead() {
    Scene.Socket channel = scene.upgraded(SILENT);
    scene.owner.full = true;
    scene.receive(channel, "\u0081\u0002hi");
    channel.breaks();
    scene.send(new Text("unsent"));
    assertThat(channel.isOpen()).isFalse();
    assertThat(down().reason()).isEqualTo(BROKEN);
  }

  @Test
  void keepsForTheNextConnectionWhatIsAskedForOnceNothingIsTakenAnyMore() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    Stream socket = scene.webSocket(SILENT);
    scene.command(send(socket, new Text("early")));
    lose(channel);
    scene.advance(Duration.ofSeconds(1));
    EmbeddedChannel next = scene.up();
    scene.owner.told();
    scene.receive(next, Scene.accepting(Scene.sent(next)));
    assertThat(Scene.sentBytes(next)).hasSize(6 + 5);
  }

  @Test
  void doesNotWaitLongerForAFarewellThatCannotBeSaid() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.breaks();
    scene.send(new Text("unsent"));
    scene.command(new Command.Shutdown());
    Stream late = scene.get("/");
    assertThat(scene.owner.told())
        .singleElement()
        .isInstanceOfSatisfying(
            StreamFailed.class, refused -> assertThat(refused.stream()).isSameAs(late.ref()));
    scene.advance(Duration.ofSeconds(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .last()
        .isEqualTo(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  /** A gate that throws from the moment on that it is told to. */
  private static final class Trap implements Gate {
    private final Error error;
    private boolean set;

    Trap(Error error) {
      this.error = error;
    }

    @Override
    public boolean tryEnter(long bytes) {
      return true;
    }

    @Override
    public void left(long bytes) {
      spring();
    }

    @Override
    public void ended() {
      spring();
    }

    private void spring() {
      if (set) {
        throw error;
      }
    }
  }

  /** What makes an engine meet a trap. */
  private enum Cause {
    COMMAND,
    RECEIVED,
    WRITABLE,
    INPUT_CLOSED,
    BROKE,
    ELAPSED
  }

  /**
   * Every way into a turn; an {@code Error} that got out would end the loop of many connections.
   */
  @ParameterizedTest
  @EnumSource
  void anErrorEndsTheConnectionThatMetItAndNothingElse(Cause cause) {
    Error error = new AssertionError("on purpose");
    Trap trap = new Trap(error);
    Scene.Socket channel = scene.up();
    Stream named = scene.stream("socket");
    Stream socket = new Stream(named.ref(), named.inbox(), trap);
    scene.command(new Command.Upgrade(socket, "/", SILENT, FieldNames.PLAIN));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    Command small = send(socket, new Text("small"));
    switch (cause) {
      case COMMAND -> {
        trap.set = true;
        scene.command(small);
      }
      case RECEIVED -> {
        trap.set = true; // met in what arrives, then once more in the end
        scene.receive(channel, "\u0088\u0002\u0003\u00e8");
      }
      case WRITABLE -> {
        channel.clog();
        scene.command(send(socket, new Binary(new byte[1 << 20])));
        scene.command(small); // waits
        trap.set = true;
        channel.take(Integer.MAX_VALUE);
      }
      case INPUT_CLOSED -> {
        trap.set = true;
        lose(channel);
      }
      case BROKE -> {
        trap.set = true;
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        scene.run();
      }
      case ELAPSED -> {
        scene.command(send(socket, Close.NORMAL));
        trap.set = true;
        scene.advance(OPTIONS.timeouts().closing());
      }
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .last()
        .isInstanceOfSatisfying(
            Retrying.class, again -> assertThat(again.reason()).isEqualTo(new Reason.Fault(error)));
    scene.advance(Duration.ofSeconds(4));
    scene.up();
    assertThat(scene.owner.told()).endsWith(new Up(scene.ref, Protocol.HTTP_1_1));
  }

  private static Command.Send send(Stream stream, Frame frame) {
    return new Command.Send(stream, frame, Payload.of(frame));
  }

  @Test
  void anErrorDuringTheFarewellEndsItAllTheSame() {
    Error error = new AssertionError("on purpose");
    Trap trap = new Trap(error);
    scene.up();
    Stream named = scene.stream("socket");
    Stream socket = new Stream(named.ref(), named.inbox(), trap);
    scene.command(new Command.Upgrade(socket, "/", SILENT, FieldNames.PLAIN));
    trap.set = true;
    scene.command(send(socket, new Text("early")));
    scene.owner.told();
    scene.command(new Command.Shutdown()); // meets it: an upgrade is not waited for
    assertThat(scene.owner.told())
        .containsExactly(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void anInboxThatThrowsLeavesTheOwnerAndTheLoopAlone() {
    EmbeddedChannel channel = scene.up();
    scene.owner.told();
    IllegalStateException thrown = new IllegalStateException("on purpose");
    Inbox throwing =
        new Inbox() {
          @Override
          public void put(Message[] batch, int count) {
            throw thrown;
          }

          @Override
          public boolean full() {
            return false;
          }

          @Override
          public void whenRoom(Runnable action) {}
        };
    Stream stream = scene.stream("GET", throwing);
    scene.command(new Command.Request(stream, dev.lariat.option.Request.of("GET", "/")));
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .last()
        .isInstanceOfSatisfying(
            Retrying.class,
            again -> assertThat(again.reason()).isEqualTo(new Reason.Fault(thrown)));
  }

  @Test
  void aDialerThatThrowsTerminatesTheConnection() {
    scene.attempt().fails(REFUSED);
    scene.owner.told();
    Error error = new OutOfMemoryError("on purpose");
    scene.refuseToDial(error);
    scene.advance(Duration.ofSeconds(1));
    assertThat(scene.owner.told())
        .containsExactly(new Terminated(scene.ref, new Reason.Fault(error)));
  }

  @Test
  void anErrorWhileALossIsToldTerminatesTheConnectionOnce() {
    Error error = new StackOverflowError("on purpose");
    Backoff own =
        Backoff.DEFAULT.schedule(
            (attempt, reason) -> {
              throw error;
            });
    Scene scheduled = new Scene(ConnectionOptions.DEFAULT.retry(own));
    EmbeddedChannel channel = scheduled.up();
    scheduled.owner.told();
    channel.close();
    scheduled.run();
    assertThat(scheduled.owner.told())
        .hasSize(2)
        .satisfies(told -> assertThat(told.getFirst()).isInstanceOf(Down.class))
        .endsWith(new Terminated(scheduled.ref, new Reason.Fault(error)));
  }

  @Test
  void anErrorWithoutAChannelTerminatesTheConnection() {
    Error error = new StackOverflowError("on purpose");
    Backoff own =
        Backoff.DEFAULT.schedule(
            (attempt, reason) -> {
              throw error;
            });
    Scene scheduled = new Scene(ConnectionOptions.DEFAULT.retry(own));
    scheduled.attempt().fails(REFUSED);
    assertThat(scheduled.owner.told())
        .containsExactly(new Terminated(scheduled.ref, new Reason.Fault(error)));
  }

  @Test
  void ignoresWhatAnOldChannelStillReports() {
    EmbeddedChannel old = scene.up();
    old.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    scene.run();
    scene.advance(Duration.ofSeconds(1));
    scene.up();
    scene.owner.told();
    old.pipeline().fireExceptionCaught(new IOException("late"));
    old.pipeline().fireChannelInactive();
    scene.run();
    assertThat(scene.owner.told()).isEmpty();
  }

  @Test
  void keepsRequestsThatComeWhileItIsAwayForTheNextConnection() {
    lose(scene.up());
    scene.get("/later");
    scene.advance(Duration.ofSeconds(1));
    assertThat(Scene.sent(scene.up())).startsWith("GET /later ");
  }

  // ---- the end

  @Test
  void closesAtOnceWhileDialing() {
    Scene.Attempt attempt = scene.attempt();
    scene.command(new Command.Close());
    assertThat(attempt.cancelled).isTrue();
    terminatedByOwner();
  }

  @Test
  void closesAChannelThatComesTooLate() {
    Scene.Attempt attempt = scene.attempt();
    scene.command(new Command.Close());
    assertThat(attempt.succeeds().isOpen()).isFalse();
    terminatedByOwner();
  }

  @Test
  void closesAtOnceWhileItWaitsForTheNextAttempt() {
    scene.attempt().fails(REFUSED);
    scene.owner.told();
    scene.command(new Command.Close());
    terminatedByOwner();
    scene.advance(Duration.ofDays(1));
    assertThat(scene.attempts).isEmpty();
  }

  @Test
  void closesAtOnceWhileItIsUpAndFailsItsStreams() {
    EmbeddedChannel channel = scene.up();
    Stream stream = scene.get("/");
    scene.owner.told();
    scene.command(new Command.Close());
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(stream.ref(), new Reason.OwnerClosed()),
            new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void endsRequestsThatWereNeverSentAsUnprocessed() {
    Stream stream = scene.get("/");
    scene.command(new Command.Close());
    assertThat(scene.owner.told())
        .satisfiesExactly(
            failed ->
                assertThat(failed)
                    .isInstanceOfSatisfying(
                        StreamFailed.class,
                        f -> {
                          assertThat(f.stream()).isSameAs(stream.ref());
                          assertThat(f.reason()).isInstanceOf(Reason.Unprocessed.class);
                        }),
            last -> assertThat(last).isInstanceOf(Terminated.class));
  }

  @Test
  void terminatesOnceHoweverOftenItIsClosed() {
    scene.up();
    scene.owner.told();
    scene.command(new Command.Close());
    scene.command(new Command.Close());
    scene.command(new Command.Shutdown());
    terminatedByOwner();
    assertThat(scene.terminations).containsExactly(new Reason.OwnerClosed());
  }

  @Test
  void shutsAnIdleConnectionDownAtOnce() {
    EmbeddedChannel channel = scene.up();
    scene.owner.told();
    scene.command(new Command.Shutdown());
    assertThat(channel.isOpen()).isFalse();
    terminatedByOwner();
  }

  @Test
  void letsTheResponseThatIsArrivingEndBeforeItShutsDown() {
    EmbeddedChannel channel = scene.up();
    Stream stream = scene.get("/");
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
    scene.command(new Command.Shutdown());
    scene.owner.told();
    assertThat(channel.isOpen()).isTrue();
    scene.receive(channel, "i");
    assertThat(scene.owner.told())
        .containsExactly(
            new Data(stream.ref(), true, Bytes.ofUtf8("i")),
            new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void waitsForAFarewellNoLongerThanTheTimeForClosing() {
    EmbeddedChannel channel = scene.up();
    Stream stream = scene.get("/");
    scene.command(new Command.Shutdown());
    scene.owner.told();
    scene.advance(OPTIONS.timeouts().closing());
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(
                stream.ref(), new Reason.Timeout(Reason.Step.CLOSE, OPTIONS.timeouts().closing())),
            new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void refusesNewRequestsDuringTheFarewell() {
    scene.up();
    scene.get("/");
    scene.command(new Command.Shutdown());
    scene.owner.told();
    scene.get("/late");
    assertThat(scene.owner.told())
        .singleElement()
        .isInstanceOfSatisfying(
            StreamFailed.class,
            failed -> assertThat(failed.reason()).isInstanceOf(Reason.Unprocessed.class));
  }

  @Test
  void responsesOfOneReadAreAnsweredAtItsEnd() {
    EmbeddedChannel channel = scene.up();
    scene.get("/a");
    scene.get("/b");
    String empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    scene.receive(channel, empty + empty);
    assertThat(scene.breaks).isZero();
  }

  // ---- WebSocket

  @Test
  void framesOfOneReadAreAnsweredInParts() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.receive(channel, "\u0081\u0002hi".repeat(5000));
    assertThat(scene.breaks).isGreaterThan(1);
  }

  @Test
  void speaksWebSocketFromTheByteBehindTheUpgrade() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    String accept = Scene.accepting(Scene.sent(channel));
    scene.owner.told();
    scene.receive(channel, accept + "\u0081\u0002hi"); // a frame in the packet of the response
    assertThat(scene.owner.told())
        .satisfiesExactly(
            upgraded -> assertThat(upgraded).isInstanceOf(Upgraded.class),
            frame -> assertThat(frame).isEqualTo(new WebSocketFrame(socket.ref(), new Text("hi"))));
  }

  @Test
  void handsAFrameInThePacketOfTheResponseToTheHandler() {
    Subprotocols loud =
        Subprotocols.NONE.otherwise(
            session -> frame -> session.tell("heard " + ((Text) frame).text()));
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT.subprotocols(loud));
    String accept = Scene.accepting(Scene.sent(channel));
    scene.owner.told();
    scene.receive(channel, accept + "\u0081\u0002hi\u0081\u0002ho");
    assertThat(scene.owner.told())
        .satisfiesExactly(
            upgraded -> assertThat(upgraded).isInstanceOf(Upgraded.class),
            first -> assertThat(first).isEqualTo(new SubprotocolMessage(socket.ref(), "heard hi")),
            second ->
                assertThat(second).isEqualTo(new SubprotocolMessage(socket.ref(), "heard ho")));
  }

  @Test
  void letsNoReceiverUseTheSessionOfAHandlerThatIsCalled() {
    List<WebSocketHandler.Session> sessions = new ArrayList<>();
    List<Throwable> thrown = new ArrayList<>();
    Inbox nosy =
        new Inbox() {
          @Override
          public void put(Message[] batch, int count) {
            if (!sessions.isEmpty()) {
              thrown.add(catchThrowable(() -> sessions.getFirst().tell("nosy")));
            }
          }

          @Override
          public boolean full() {
            return false;
          }

          @Override
          public void whenRoom(Runnable action) {}
        };
    WebSocketHandler.Factory many =
        session -> {
          sessions.add(session);
          return frame -> {
            for (int i = 0; i < 10_000; i++) { // more than are told at once
              session.tell("value");
            }
          };
        };
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.stream("socket", nosy);
    WebSocketOptions handled =
        WebSocketOptions.DEFAULT.subprotocols(Subprotocols.NONE.otherwise(many));
    scene.command(new Command.Upgrade(socket, "/ws", handled, FieldNames.PLAIN));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)) + "\u0081\u0001a");
    assertThat(thrown).hasSizeGreaterThan(1).hasOnlyElementsOfType(IllegalStateException.class);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void keepsNoBufferOfWhatCameInThePacketOfTheResponse() {
    Subprotocols broken =
        Subprotocols.NONE.otherwise(
            session -> {
              throw new IllegalStateException("on purpose");
            });
    for (Subprotocols subprotocols : List.of(Subprotocols.NONE, broken)) {
      Scene each = new Scene(OPTIONS);
      EmbeddedChannel channel = each.up();
      each.webSocket(WebSocketOptions.DEFAULT.subprotocols(subprotocols));
      String accept = Scene.accepting(Scene.sent(channel));
      ByteBuf packet =
          Unpooled.copiedBuffer(accept + "\u0001\u0002hi", StandardCharsets.ISO_8859_1);
      channel.writeInbound(packet);
      assertThat(packet.refCnt()).isZero();
    }
  }

  @Test
  void sendsWhatDidNotWaitForTheUpgradeBeforeItAnswersTheFirstFrame() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    String accept = Scene.accepting(Scene.sent(channel));
    scene.command(send(socket, new Text("early")));
    scene.receive(channel, accept + "\u0089\u0000");
    assertThat(Scene.sentBytes(channel))
        .hasSize(6 + 5 + 6)
        .startsWith((byte) 0x81)
        .contains((byte) 0x8a, org.assertj.core.data.Index.atIndex(6 + 5));
  }

  @Test
  void takesTheUpgradesAnswerAndTheFirstFrameInAnyCut() {
    for (int cut = 1; ; cut++) {
      Scene each = new Scene(OPTIONS);
      EmbeddedChannel channel = each.up();
      Stream socket = each.webSocket(WebSocketOptions.DEFAULT);
      String bytes = Scene.accepting(Scene.sent(channel)) + "\u0081\u0002hi\u0082\u0000";
      if (cut == bytes.length()) {
        return;
      }
      each.owner.told();
      each.receive(channel, bytes.substring(0, cut));
      each.receive(channel, bytes.substring(cut));
      assertThat(each.owner.told())
          .as("cut at " + cut)
          .hasSize(3)
          .element(1)
          .isEqualTo(new WebSocketFrame(socket.ref(), new Text("hi")));
    }
  }

  @Test
  void sendsFramesThatDidNotWaitForTheUpgrade() {
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT); // nor even for the connection
    Text hello = new Text("hello");
    scene.command(new Command.Send(socket, hello, Payload.of(hello)));
    EmbeddedChannel channel = scene.up();
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(Scene.sentBytes(channel)).hasSize(6 + 5).startsWith((byte) 0x81, (byte) 0x85);
  }

  @Test
  void sendsLargeFramesThatDidNotWaitForTheUpgrade() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    String request = Scene.sent(channel);
    Text large = new Text("x".repeat(100_000));
    scene.command(new Command.Send(socket, large, Payload.of(large)));
    scene.command(new Command.Send(socket, large, Payload.of(large)));
    scene.receive(channel, Scene.accepting(request));
    assertThat(Scene.sentBytes(channel)).hasSize(2 * (14 + 100_000));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void carriesAWebSocketOnThoughARequestBeforeItIsCancelled() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.receive(channel, "HTTP/1.1 204 No\r\n\r\n");
    Scene.sent(channel);
    scene.webSocket(SILENT);
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(scene.owner.told()).last().isInstanceOf(Upgraded.class);
    scene.command(new Command.Cancel(get, new Reason.Cancelled()));
    scene.command(new Command.Cancel(scene.stream("of nobody"), new Reason.Cancelled()));
    assertThat(scene.owner.told()).isEmpty();
    scene.receive(channel, new byte[] {(byte) 0x81, 1, 'c'});
    assertThat(only(WebSocketFrame.class).frame()).isEqualTo(new Text("c"));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void findsADeadPeerByTheMissingAnswerToItsPing() {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10));
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT.keepalive(keepalive));
    scene.advance(Duration.ofSeconds(30));
    assertThat(Scene.sentBytes(channel)).startsWith((byte) 0x89);
    scene.advance(Duration.ofSeconds(10));
    assertThat(channel.isOpen()).isFalse();
    assertThat(down().reason())
        .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(10)));
  }

  @Test
  void takesAnyByteForASignOfLife() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    for (int i = 0; i < 10; i++) {
      scene.advance(Duration.ofSeconds(35)); // a ping is out
      scene.receive(channel, i % 2 == 0 ? "\u0081" : "\u0000"); // half a header counts
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void saysGoodbyeToTheServerWhenItIsShutDown() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.command(new Command.Shutdown());
    assertThat(Scene.sentBytes(channel)).hasSize(8).startsWith((byte) 0x88, (byte) 0x82);
    scene.receive(channel, "\u0088\u0002\u0003\u00e9");
    assertThat(channel.isOpen()).as("the server closes the TCP connection").isTrue();
    lose(channel);
    assertThat(scene.owner.told())
        .last()
        .isEqualTo(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void closesTheConnectionItselfWhenTheServerDoesNotInTime() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.receive(channel, "\u0088\u0002\u0003\u00e8");
    scene.owner.told();
    scene.advance(OPTIONS.timeouts().closing());
    assertThat(channel.isOpen()).isFalse();
    assertThat(down().reason())
        .isEqualTo(
            new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, dev.lariat.message.Side.SERVER));
  }

  @Test
  void answersFramesForAWebSocketThatDiedWithItsConnection() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    lose(channel);
    scene.owner.told();
    scene.command(new Command.Send(socket, new Text("late"), Payload.of(new Text("late"))));
    assertThat(scene.owner.told())
        .singleElement()
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.stream()).isSameAs(socket.ref());
              assertThat(rejected.operation()).isEqualTo("send");
            });
    scene.command(new Command.SetKeepalive(socket, Keepalive.DEFAULT));
    assertThat(scene.owner.told())
        .containsExactly(
            new Rejected(
                socket.ref(),
                "keepalive",
                new Reason.BadState("keepalive", "the WebSocket has ended")));
  }

  // ---- back-pressure

  @Test
  void stopsReadingWhileTheMailboxIsFullAndBlamesNobodyForTheSilence() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.owner.full = true;
    scene.receive(channel, "\u0081\u0002hi");
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.advance(Duration.ofMinutes(10));
    assertThat(channel.isOpen()).isTrue();
    emptyTheMailbox();
    scene.run();
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  private static final Keepalive BRISK =
      new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5));
  private static final Duration MOMENT = Duration.ofNanos(1);

  @Test
  void waitsAnewForAPongThatMayHaveComeWhileTheMailboxWasFull() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT.keepalive(BRISK));
    scene.advance(BRISK.interval());
    assertThat(Scene.sentBytes(channel)).as("a ping").hasSize(6 + 8);
    fillTheMailbox();
    scene.advance(BRISK.deadline().minus(MOMENT));
    emptyTheMailbox();
    scene.advance(MOMENT); // in the same round as the reading goes on
    scene.advance(BRISK.deadline().minus(MOMENT));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(MOMENT);
    assertThat(down().reason()).isEqualTo(new Reason.Timeout(Reason.Step.PONG, BRISK.deadline()));
  }

  @Test
  void theAnswerToAnUpgradeIsReadHoweverFullTheMailboxIs() {
    EmbeddedChannel channel = scene.up();
    fillTheMailbox();
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.webSocket(WebSocketOptions.DEFAULT);
    assertThat(channel.config().isAutoRead()).isTrue();
    scene.owner.told();
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(scene.owner.told()).hasSize(1).hasOnlyElementsOfType(Upgraded.class);
    assertThat(channel.config().isAutoRead()).as("frames wait for room").isFalse();
    emptyTheMailbox();
    scene.run();
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void theRefusalOfAnUpgradeIsReadHoweverFullTheMailboxIs() {
    EmbeddedChannel channel = scene.up();
    fillTheMailbox();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    scene.owner.told();
    scene.receive(channel, "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n");
    assertThat(scene.owner.told())
        .containsExactly(new Response(socket.ref(), false, 403, Headers.of("content-length", "2")));
    assertThat(channel.config().isAutoRead()).as("its body waits for room").isFalse();
  }

  @Test
  void theTimeForAnUpgradeRunsHoweverFullTheMailboxIs() {
    EmbeddedChannel channel = scene.up();
    fillTheMailbox();
    scene.webSocket(WebSocketOptions.DEFAULT);
    Duration upgrade = OPTIONS.timeouts().upgrade();
    scene.advance(upgrade.minus(MOMENT));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(MOMENT);
    assertThat(down().reason()).isEqualTo(new Reason.Timeout(Reason.Step.UPGRADE, upgrade));
  }

  @Test
  void informationalResponsesToAnUpgradeWaitForRoomAndGainNoTime() {
    EmbeddedChannel channel = scene.up();
    fillTheMailbox();
    scene.webSocket(WebSocketOptions.DEFAULT);
    scene.receive(channel, "HTTP/1.1 103 Early Hints\r\n\r\n");
    assertThat(channel.config().isAutoRead()).as("they may have no end").isFalse();
    Duration upgrade = OPTIONS.timeouts().upgrade();
    scene.advance(upgrade);
    assertThat(down().reason()).isEqualTo(new Reason.Timeout(Reason.Step.UPGRADE, upgrade));
  }

  @Test
  void waitsAnewForAPongThatMayHaveComeWhileThereWasNoCredit() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT.keepalive(BRISK).credit(0));
    scene.receive(channel, "\u0081\u0001a");
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.advance(BRISK.interval().minus(MOMENT));
    scene.command(new Command.Credit(scene.socket(), 1));
    scene.advance(MOMENT);
    assertThat(Scene.sentBytes(channel)).as("silent since it is read").isEmpty();
    scene.advance(BRISK.interval());
    assertThat(Scene.sentBytes(channel)).as("a ping").hasSize(6 + 8);
  }

  /** Reading stops, though the peer has said nothing. */
  private void fillTheMailbox() {
    scene.owner.full = true;
    scene.command(new Command.SetKeepalive(scene.stream("another"), Keepalive.OFF)); // is rejected
  }

  /** Reading goes on, once the loop has run. */
  private void emptyTheMailbox() {
    scene.owner.full = false;
    scene.owner.whenRoom.forEach(Runnable::run);
    scene.owner.whenRoom.clear();
  }

  @Test
  void staysUnreadOverAReconnectionWhileTheMailboxIsFull() {
    EmbeddedChannel channel = scene.up();
    scene.owner.full = true;
    scene.get("/");
    lose(channel);
    scene.advance(Duration.ofSeconds(1));
    assertThat(scene.up().config().isAutoRead()).isFalse();
  }

  @Test
  void readsOnForANewOwnerWhenTheOldOneWasFull() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.owner.full = true;
    scene.receive(channel, "\u0081\u0002hi");
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.command(new Command.SetOwner(new Scene.Records()));
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void stopsReadingWhenAMessageComesThatThereIsNoCreditFor() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT.credit(1));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)) + "\u0081\u0001a");
    assertThat(texts()).containsExactly("a");
    assertThat(channel.config().isAutoRead()).isTrue();
    scene.receive(channel, "\u0089\u0000\u0081\u0001b\u0081\u0001c");
    assertThat(Scene.sentBytes(channel)).as("a pong").hasSize(6);
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.advance(Duration.ofMinutes(10));
    assertThat(channel.isOpen()).isTrue();
    scene.command(new Command.Credit(socket, 1));
    assertThat(texts()).containsExactly("b");
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.command(new Command.Credit(socket, 1));
    assertThat(texts()).containsExactly("c");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void readsOnlyWhereThereIsBothCreditAndRoom() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT.credit(1));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    scene.owner.full = true;
    scene.receive(channel, "\u0081\u0001a\u0081\u0001b");
    assertThat(texts()).containsExactly("a");
    assertThat(channel.config().isAutoRead()).isFalse();
    scene.command(new Command.Credit(socket, 5));
    assertThat(texts()).as("what was read is told").containsExactly("b");
    assertThat(channel.config().isAutoRead()).as("without room").isFalse();
    emptyTheMailbox();
    scene.run();
    assertThat(channel.config().isAutoRead()).isTrue();
    scene.receive(channel, "\u0081\u0001c".repeat(5));
    assertThat(texts()).hasSize(4);
    assertThat(channel.config().isAutoRead()).as("without credit").isFalse();
  }

  @Test
  void readsTheNextConnectionWhereTheLastOneHadNoCredit() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT.credit(0));
    scene.receive(channel, "\u0081\u0001a");
    assertThat(channel.config().isAutoRead()).isFalse();
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    scene.advance(Duration.ofSeconds(1));
    assertThat(scene.up().config().isAutoRead()).isTrue();
  }

  @Test
  void readsToThePeersEndWhenTheLastMessageIsTold() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT.credit(0));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    scene.owner.told();
    scene.receive(channel, "\u0081\u0001a");
    lose(channel);
    assertThat(scene.owner.told()).isEmpty();
    scene.command(new Command.Credit(socket, 1));
    assertThat(scene.owner.told())
        .satisfiesExactly(
            frame -> assertThat(frame).isInstanceOf(WebSocketFrame.class),
            failed ->
                assertThat(failed).isEqualTo(new StreamFailed(socket.ref(), new Reason.Closed())),
            down -> assertThat(down).isInstanceOf(Down.class),
            retrying -> assertThat(retrying).isInstanceOf(Retrying.class));
  }

  /** The texts among what was told since the last look. */
  private List<String> texts() {
    return scene.owner.told().stream()
        .filter(WebSocketFrame.class::isInstance)
        .map(told -> ((Text) ((WebSocketFrame) told).frame()).text())
        .toList();
  }

  @Test
  void writesWhatWasSentBeforeItWasClosed() {
    EmbeddedChannel channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    Text last = new Text("last");
    scene.actor.begin();
    scene.actor.command(new Command.Send(socket, last, Payload.of(last)));
    scene.actor.command(new Command.Close());
    scene.actor.settle();
    assertThat(Scene.sentBytes(channel)).hasSize(6 + 4);
  }

  @Test
  void readsToThePeersEndWhileItClosesHoweverFullTheMailboxIs() {
    EmbeddedChannel channel = scene.upgraded(WebSocketOptions.DEFAULT);
    scene.owner.full = true;
    scene.receive(channel, "\u0088\u0002\u0003\u00e8");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void tellsANewOwnerFromNowOn() {
    scene.up();
    scene.owner.told();
    Scene.Records next = new Scene.Records();
    scene.command(new Command.SetOwner(next));
    scene.command(new Command.Close());
    assertThat(scene.owner.told()).isEmpty();
    assertThat(next.told()).containsExactly(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  // ---- what the server does not take

  private static final Duration WRITE = OPTIONS.timeouts().write();
  private static final WebSocketOptions SILENT = WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF);
  private static final Reason STUCK = new Reason.Timeout(Reason.Step.WRITE, WRITE);

  @Test
  void tellsANewOwnerWhoComesDuringTheFarewell() {
    EmbeddedChannel channel = scene.up();
    Stream stream = scene.get("/");
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
    scene.command(new Command.Shutdown());
    scene.owner.told();
    Scene.Records next = new Scene.Records();
    scene.command(new Command.SetOwner(next));
    scene.receive(channel, "i");
    assertThat(scene.owner.told()).containsExactly(new Data(stream.ref(), true, Bytes.ofUtf8("i")));
    assertThat(next.told()).containsExactly(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void endsALinkThatTakesNothingOfWhatWaits() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    scene.send(new Text("unread"));
    scene.advance(WRITE.minusNanos(1));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(Duration.ofNanos(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .satisfiesExactly(
            failed -> assertThat(((StreamFailed) failed).reason()).isEqualTo(STUCK),
            lost -> assertThat(((Down) lost).reason()).isEqualTo(STUCK),
            again -> assertThat(again).isInstanceOf(Retrying.class));
  }

  @Test
  void keepsALinkThatTakesAByteNowAndThen() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    scene.send(new Text("taken a byte at a time, twice"));
    scene.send(new Text("the next one"));
    for (int i = 0; i < 40; i++) { // past the end of the first
      scene.advance(WRITE.minusNanos(1));
      channel.take(1);
      assertThat(channel.isOpen()).isTrue();
    }
    scene.advance(WRITE); // looks, and sees the last one
    scene.advance(WRITE);
    assertThat(down().reason()).isEqualTo(STUCK);
  }

  @Test
  void countsFromTheLastByteThatWasTakenNotFromTheFirstThatWaits() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    for (int i = 0; i < 5; i++) { // never empty, and what is taken always ends a frame
      scene.send(new Text("12"));
      scene.advance(WRITE.minusNanos(1));
      scene.send(new Text("12"));
      channel.take(8);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void hasNoDeadlineForAWriteWhileNothingWaits() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    scene.send(new Text("taken late"));
    scene.advance(WRITE.minusNanos(1));
    channel.take(Integer.MAX_VALUE);
    scene.advance(WRITE.multipliedBy(10));
    channel.clog();
    scene.send(new Text("taken late too"));
    scene.advance(WRITE.minusNanos(1));
    channel.take(Integer.MAX_VALUE);
    scene.advance(WRITE.multipliedBy(10));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void endsALinkThatTakesNoneOfARequestEither() {
    Scene.Socket channel = scene.up();
    channel.clog();
    Stream stream = scene.get("/");
    scene.owner.told();
    scene.advance(WRITE);
    assertThat(scene.owner.told()).contains(new StreamFailed(stream.ref(), STUCK));
  }

  @Test
  void blamesNobodyForAStuckWriteWhileItDoesNotRead() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    scene.owner.full = true;
    scene.receive(channel, "\u0081\u0002hi");
    scene.send(new Text("unread"));
    scene.advance(WRITE.multipliedBy(3));
    scene.advance(WRITE.dividedBy(4).minus(MOMENT)); // a moment before it looks again
    assertThat(channel.isOpen()).isTrue();
    emptyTheMailbox();
    scene.run();
    scene.advance(WRITE.minus(MOMENT));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(MOMENT);
    assertThat(down().reason()).isEqualTo(STUCK);
  }

  @Test
  void endsAStuckLinkDuringTheFarewellToo() {
    Duration brief = Duration.ofSeconds(1);
    Scene hasty = new Scene(OPTIONS.timeouts(OPTIONS.timeouts().write(brief)));
    Scene.Socket channel = hasty.upgraded(SILENT);
    channel.clog();
    hasty.command(new Command.Shutdown());
    hasty.advance(brief);
    assertThat(channel.isOpen()).isFalse();
    assertThat(hasty.owner.told())
        .satisfiesExactly(
            failed ->
                assertThat(((StreamFailed) failed).reason())
                    .isEqualTo(new Reason.Timeout(Reason.Step.WRITE, brief)),
            last ->
                assertThat(last).isEqualTo(new Terminated(hasty.ref, new Reason.OwnerClosed())));
  }

  @Test
  void endsAStuckLinkWhileItClosesAndKeepsTheReasonOfThat() {
    Duration brief = Duration.ofSeconds(1);
    Scene hasty = new Scene(OPTIONS.timeouts(OPTIONS.timeouts().write(brief)));
    Scene.Socket channel = hasty.upgraded(SILENT);
    channel.clog();
    hasty.receive(channel, "\u0088\u0002\u0003\u00e8");
    hasty.owner.told();
    hasty.advance(brief);
    assertThat(channel.isOpen()).isFalse();
    assertThat(hasty.owner.told())
        .first()
        .isInstanceOfSatisfying(
            Down.class,
            lost -> assertThat(lost.reason()).isInstanceOf(Reason.CloseHandshake.class));
  }

  @Test
  void watchesTheNextLinkAnew() {
    Scene.Socket first = scene.upgraded(SILENT);
    first.clog();
    scene.send(new Text("unread"));
    lose(first);
    scene.advance(Duration.ofSeconds(1));
    Scene.Socket second = scene.upgraded(SILENT);
    scene.advance(WRITE.multipliedBy(2));
    assertThat(second.isOpen()).isTrue();
    second.clog();
    scene.send(new Text("unread"));
    scene.advance(WRITE);
    assertThat(down().reason()).isEqualTo(STUCK);
  }

  @Test
  void findsADeadPeerHoweverStuckTheWriterIs() {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5));
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT.keepalive(keepalive));
    channel.clog();
    scene.send(new Binary(new byte[1 << 20]));
    assertThat(channel.isWritable()).isFalse();
    scene.advance(Duration.ofSeconds(10));
    scene.advance(Duration.ofSeconds(5));
    assertThat(down().reason())
        .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(5)));
  }

  // ---- what the tests say often

  private void lose(EmbeddedChannel channel) {
    channel.close();
    scene.run();
  }

  private Down down() {
    return only(Down.class);
  }

  private Retrying retrying() {
    return only(Retrying.class);
  }

  private <M extends Message> M only(Class<M> type) {
    List<M> found = scene.owner.told().stream().filter(type::isInstance).map(type::cast).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private void terminatedByOwner() {
    assertThat(scene.owner.told())
        .containsExactly(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }
}
