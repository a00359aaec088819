package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a connection whose response nobody wants any more, and of what comes next. */
class GivenUpTest {
  private static final Reason CANCELLED = new Reason.Cancelled();
  private static final String EVENTS =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
          + "e\r\ndata: [DONE]\n\n\r\n";
  private static final String NO_CONTENT = "HTTP/1.1 204 No\r\n\r\n";

  private final Scene scene =
      new Scene(
          ConnectionOptions.DEFAULT.retry(
              Backoff.DEFAULT.attempts(3).delays(Duration.ofSeconds(1), Duration.ofSeconds(1))));

  private Stream post(String path) {
    Stream stream = scene.stream("POST " + path);
    scene.command(new Command.Request(stream, Request.of("POST", path).body(Bytes.ofUtf8("q"))));
    return stream;
  }

  private void cancel(Stream stream) {
    scene.command(new Command.Cancel(stream, CANCELLED));
  }

  @Test
  void aCancelledStreamEndsItsConnection() {
    EmbeddedChannel channel = scene.up();
    Stream events = scene.get("/events");
    scene.receive(channel, EVENTS);
    scene.owner.told();
    cancel(events);
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .startsWith(
            new StreamFailed(events.ref(), CANCELLED),
            new Down(scene.ref, Protocol.HTTP_1_1, CANCELLED, List.of(), List.of()))
        .hasSize(3)
        .last()
        .isInstanceOf(Retrying.class);
  }

  /** What is told of a stream to a reader who drops what he was told when he gives it up. */
  private static final class Dropping implements Inbox {
    final List<Message> held = new ArrayList<>();

    @Override
    public void put(Message[] batch, int count) {
      held.addAll(Arrays.asList(batch).subList(0, count));
    }

    @Override
    public void drop(StreamRef stream) {
      held.removeIf(message -> message instanceof Message.OfStream of && of.stream() == stream);
    }

    @Override
    public boolean full() {
      return false;
    }

    @Override
    public void whenRoom(Runnable action) {
      action.run();
    }
  }

  @Test
  void whatIsToldOfAStreamJustBeforeItIsGivenUpIsDroppedWithWhatWasToldBefore() {
    EmbeddedChannel channel = scene.up();
    Dropping inbox = new Dropping();
    Stream get = scene.stream("GET /", inbox);
    scene.command(new Command.Request(get, Request.of("GET", "/").credit(0)));
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    assertThat(inbox.held).singleElement().isInstanceOf(Response.class);
    scene.command(new Command.Credit(get, 1), new Command.Cancel(get, CANCELLED));
    assertThat(inbox.held).containsExactly(new StreamFailed(get.ref(), CANCELLED));
  }

  @Test
  void whatIsAskedForBehindACancelledStreamGoesOutOnTheNextConnectionAtOnce() {
    EmbeddedChannel channel = scene.up();
    Stream events = scene.get("/events");
    scene.receive(channel, EVENTS);
    Stream next = scene.stream("POST /next");
    scene.command(
        new Command.Cancel(events, CANCELLED),
        new Command.Request(next, Request.of("POST", "/next").body(Bytes.ofUtf8("q"))));
    assertThat(Scene.sent(channel)).doesNotContain("POST");
    EmbeddedChannel second = scene.up(); // no time has passed
    assertThat(Scene.sent(second)).startsWith("POST /next ");
    scene.owner.told();
    scene.receive(second, NO_CONTENT);
    assertThat(scene.owner.told())
        .containsExactly(new Response(next.ref(), true, 204, Headers.EMPTY));
  }

  @Test
  void cancellingIsNoFailureHoweverOften() {
    for (int i = 0; i < 10; i++) { // thrice what the policy allows
      EmbeddedChannel channel = scene.up();
      Stream get = scene.get("/slow");
      cancel(get);
      assertThat(channel.isOpen()).isFalse();
      List<Message> told = scene.owner.told();
      assertThat(told).last().isInstanceOf(Retrying.class);
      assertThat(((Retrying) told.getLast()).attempt()).isEqualTo(1);
      scene.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void aRequestThatIsTooLateEndsItsConnectionToo() {
    EmbeddedChannel channel = scene.up();
    Stream slow = scene.stream("GET /slow");
    Duration limit = Duration.ofSeconds(5);
    scene.command(
        new Command.Request(
            slow,
            Request.of("GET", "/slow").timeout(limit),
            true,
            limit.toNanos(),
            List.of(),
            FieldNames.PLAIN));
    scene.owner.told();
    scene.advance(limit);
    Reason late = new Reason.Timeout(Reason.Step.RESPONSE, limit);
    assertThat(channel.isOpen()).isFalse();
    assertThat(scene.owner.told())
        .startsWith(
            new StreamFailed(slow.ref(), late),
            new Down(scene.ref, Protocol.HTTP_1_1, late, List.of(), List.of()));
    post("/next");
    assertThat(Scene.sent(scene.up())).startsWith("POST /next ");
  }

  @Test
  void aShortRestOfKnownLengthIsReadAndTheConnectionGoesOn() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    cancel(get);
    Stream next = post("/next");
    Scene.sent(channel);
    scene.owner.told();
    scene.receive(channel, "cd");
    assertThat(Scene.sent(channel)).startsWith("POST /next ");
    scene.receive(channel, NO_CONTENT);
    assertThat(scene.owner.told())
        .containsExactly(new Response(next.ref(), true, 204, Headers.EMPTY));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void aShortRestThatDoesNotComeKeepsNobodyWaitingForLong() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    cancel(get);
    post("/next");
    scene.advance(Duration.ofMillis(999));
    assertThat(channel.isOpen()).isTrue();
    scene.advance(Duration.ofMillis(1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(Scene.sent(scene.up())).startsWith("POST /next ");
  }

  @Test
  void aLongRestEndsTheConnection() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 65538\r\n\r\na");
    cancel(get);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatIsThrownAwayNeedsNoRoomInAFullMailbox() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.owner.full = true;
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    assertThat(channel.config().isAutoRead()).isFalse();
    cancel(get);
    assertThat(channel.config().isAutoRead()).isTrue();
    scene.receive(channel, "cd");
    assertThat(channel.config().isAutoRead()).isFalse();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void theTimeToThrowAResponseAwayCountsHoweverFullTheMailboxIs() {
    EmbeddedChannel channel = scene.up();
    Stream get = scene.get("/");
    scene.owner.full = true;
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    scene.advance(Duration.ofMinutes(1));
    cancel(get);
    scene.advance(Duration.ofSeconds(1));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatWaitsBehindAConnectionsLastResponseGoesOutOnTheNextOne() {
    EmbeddedChannel channel = scene.up();
    Stream one = scene.get("/1");
    scene.receive(channel, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n");
    Stream two = post("/2");
    scene.owner.told();
    scene.receive(channel, "a");
    assertThat(scene.owner.told())
        .containsExactly(
            new Data(one.ref(), true, Bytes.ofUtf8("a")),
            new Down(scene.ref, Protocol.HTTP_1_1, new Reason.Closed(), List.of(), List.of()),
            new Retrying(scene.ref, 1, Duration.ZERO, new Reason.Closed()));
    scene.advance(Duration.ZERO);
    EmbeddedChannel second = scene.up();
    assertThat(Scene.sent(second)).startsWith("POST /2 ");
    scene.owner.told();
    scene.receive(second, NO_CONTENT);
    assertThat(scene.owner.told())
        .containsExactly(new Response(two.ref(), true, 204, Headers.EMPTY));
  }

  @Test
  void whatWaitsIsUnprocessedWhereNoConnectionFollows() {
    Scene never = new Scene(ConnectionOptions.DEFAULT.retry(Backoff.NEVER));
    EmbeddedChannel channel = never.up();
    never.get("/1");
    never.receive(channel, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n");
    Stream two = never.get("/2");
    never.owner.told();
    never.receive(channel, "a");
    Reason closed = new Reason.Closed();
    assertThat(never.owner.told())
        .endsWith(
            new StreamFailed(
                two.ref(),
                new Reason.Unprocessed(
                    "the connection ended before it was sent", Optional.of(closed))),
            new Terminated(never.ref, new Reason.GaveUp(0, closed)));
  }

  /** Its body is still being sent: that ends, and the response stays as it was told. */
  @Test
  void whatWasToldToItsEndIsNotDroppedOverHttp2() {
    Http2Scene its = new Http2Scene(Http2Scene.OPTIONS, INITIAL_WINDOW_SIZE, 10);
    Dropping inbox = new Dropping();
    Stream put = its.scene.stream("put", inbox);
    Request request = Request.of("PUT", "/").body(Bytes.ofUtf8("x".repeat(100)));
    its.scene.command(new Command.Request(put, request));
    its.answers(1, true, "200");
    its.frames();
    its.scene.command(new Command.Cancel(put, CANCELLED));
    assertThat(its.frames()).extracting(Http2Peer.Frame::type).containsExactly(RST_STREAM);
    assertThat(inbox.held).containsExactly(new Response(put.ref(), true, 200, Headers.EMPTY));
  }
}
