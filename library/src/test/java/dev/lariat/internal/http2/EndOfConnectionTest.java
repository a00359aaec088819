package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the connection ends, in good order or not, and how its death is found. */
class EndOfConnectionTest {
  private final Stand stand = new Stand();

  private void answered() {
    stand.open();
    stand.get("/");
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.frames();
  }

  private boolean endsInGoodOrder() {
    stand.end(((Change.Close) stand.out.next()).reason());
    return stand.engine.inGoodOrder();
  }

  @Test
  void aServerThatGoesAwayWithoutAnErrorLeavesInGoodOrder() {
    answered();
    stand.goesAway(1, NO_ERROR, "");
    assertThat(endsInGoodOrder()).isTrue();
  }

  @Test
  void aServerThatGoesAwayForAnErrorDoesNotLeaveInGoodOrder() {
    answered();
    stand.goesAway(1, ENHANCE_YOUR_CALM, "");
    assertThat(endsInGoodOrder()).isFalse();
  }

  @Test
  void aServerThatAnsweredNothingDoesNotLeaveInGoodOrder() {
    stand.open();
    stand.goesAway(0, NO_ERROR, ""); // dialed again at once it would go on like that
    assertThat(endsInGoodOrder()).isFalse();
  }

  @Test
  void aBrokenRuleIsNoGoodOrder() {
    answered();
    stand.opens(0, 0);
    assertThat(endsInGoodOrder()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheServersEndCutsOffEndsForThatAndNotForAGoodbyeOfThisSide(boolean own) {
    Stand its = mayFallBack();
    Stream half = its.get("/half");
    Stream unheard = its.get("/unheard");
    its.answers(1, false, "200");
    its.told(Response.class);
    if (own) {
      its.engine.shutdown(its.out);
    } else {
      Stream refused = its.get("/refused");
      its.resets(5, HTTP_1_1_REQUIRED);
      its.out.expect(new StreamFailed(refused.ref(), DEMANDED), new Notice.GoingAway(2));
    }
    its.engine.inputClosed(its.out);
    Reason end = ((Change.Close) its.out.next()).reason();
    assertThat(its.engine.end(end, its.out).killed()).containsExactly(half.ref(), unheard.ref());
    Reason closed = new Reason.Closed();
    its.out.expect(
        new StreamFailed(half.ref(), new Reason.Incomplete(closed)),
        new StreamFailed(unheard.ref(), new Reason.Unanswered(closed)));
  }

  // ---- the way back to HTTP/1.1

  private static final Reason RESET = new Reason.StreamReset(HTTP_1_1_REQUIRED);
  private static final Reason DEMANDED =
      new Reason.Unprocessed("the server demands HTTP/1.1 for it", Optional.of(RESET));

  private static Stand mayFallBack() {
    return new Stand(Http2.DEFAULT, Limits.DEFAULT, true).open();
  }

  @Test
  void aServerThatDemandsHttp1GetsItAtOnce() {
    Stand its = mayFallBack();
    Stream post = its.ask(Request.of("POST", "/").body(Bytes.ofUtf8("x")));
    its.resets(1, HTTP_1_1_REQUIRED);
    its.out.expect(new StreamFailed(post.ref(), DEMANDED), new Change.Close(RESET));
    its.end(RESET);
    assertThat(its.engine.inGoodOrder()).as("the next connection is dialed at once").isTrue();
  }

  @Test
  void otherStreamsEndFirstAndNothingMoreBegins() {
    Stand its = mayFallBack();
    Stream one = its.get("/1");
    Stream two = its.get("/2");
    its.frames();
    its.resets(1, HTTP_1_1_REQUIRED);
    its.out.expect(new StreamFailed(one.ref(), DEMANDED), new Notice.GoingAway(1));
    assertThat(its.frame().type()).isEqualTo(GOAWAY);
    assertThat(its.engine.draining()).isTrue();
    Stream again = its.get("/1");
    assertThat(its.held.has(again)).isTrue();
    its.answers(3, true, "200");
    its.out.expect(new Response(two.ref(), true, 200, Headers.EMPTY), new Change.Close(RESET));
  }

  @Test
  void aResponseThatHasBegunMayHaveBeenActedUpon() {
    Stand its = mayFallBack();
    Stream get = its.get("/");
    its.answers(1, false, "200");
    its.told(Response.class);
    its.resets(1, HTTP_1_1_REQUIRED);
    its.out.expect(new StreamFailed(get.ref(), RESET), new Change.Close(RESET));
  }

  @Test
  void whereNothingButHttp2IsSpokenTheStreamAloneEnds() {
    stand.open();
    Stream get = stand.get("/");
    stand.resets(1, HTTP_1_1_REQUIRED);
    stand.out.expect(new StreamFailed(get.ref(), RESET));
    assertThat(stand.engine.draining()).isFalse();
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void aServerThatGoesAwaySinceItDemandsHttp1LeavesInGoodOrder() {
    Stand its = mayFallBack();
    its.goesAway(0, HTTP_1_1_REQUIRED, "");
    Reason away = new Reason.GoAway(HTTP_1_1_REQUIRED, "");
    its.out.expect(new Change.Close(away));
    its.end(away);
    assertThat(its.engine.inGoodOrder()).isTrue();
  }

  // ---- how it stands

  @Test
  void theServersLimitIsKnownFromItsSettings() {
    stand.begin();
    assertThat(stand.engine.maxStreams()).isEmpty();
    stand.settings();
    assertThat(stand.engine.maxStreams()).as("http2.maxStreams").hasValue(1000);
    stand.settings(MAX_CONCURRENT_STREAMS, 7);
    assertThat(stand.engine.maxStreams()).hasValue(7);
    stand.out.next(Notice.SettingsChanged.class);
  }

  @Test
  void aConnectionDrainsAfterAGoodbye() {
    answered();
    stand.get("/2");
    assertThat(stand.engine.draining()).isFalse();
    stand.goesAway(3, NO_ERROR, "");
    assertThat(stand.engine.draining()).isTrue();
    stand.out.next(Notice.GoingAway.class);
  }

  @Test
  void streamsThatTheServerDidNotActUponEndInTheirOrder() {
    stand.open();
    List<Stream> all = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(stand.get("/" + i));
    }
    stand.goesAway(0, NO_ERROR, "");
    for (Stream stream : all) {
      assertThat(stand.told(StreamFailed.class).stream()).isEqualTo(stream.ref());
    }
    stand.out.next(Change.Close.class);
    assertThat(stand.engine.end(new Reason.Closed(), stand.out).unprocessed())
        .isEqualTo(all.stream().map(Stream::ref).toList());
  }

  @Test
  void aServerThatDoesNotReadOurAnswersIsNotRead() {
    stand.open();
    stand.get("/");
    stand.answers(1, false, "200");
    stand.told(Response.class);
    stand.out.writable = false;
    for (int i = 0; i < 1_000; i++) {
      stand.sends(1, "x", false); // which earns a PING
      stand.pings(1, false);
    }
    assertThat(stand.out.reading).isFalse();
    stand.out.discard();
    stand.frames();
    stand.out.writable = true;
    stand.engine.writable(stand.out.at(stand.now));
    assertThat(stand.out.reading).isTrue();
  }

  // ---- time

  @Test
  void newRequestsDoNotHideThatTheServerIsSilent() {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5));
    Stand its = new Stand(Http2.DEFAULT.keepalive(keepalive), Limits.DEFAULT).open();
    for (int i = 0; i < 10; i++) {
      its.get("/");
      its.later(Stand.SECOND);
    }
    assertThat(its.frames()).extracting(Frame::type).contains(PING);
    its.later(5 * Stand.SECOND);
    assertThat(its.out.next(Change.Close.class).reason())
        .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(5)));
  }

  @Test
  void anythingThatComesIsASignOfLife() {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5));
    Stand its = new Stand(Http2.DEFAULT.keepalive(keepalive), Limits.DEFAULT).open();
    its.get("/");
    its.later(10 * Stand.SECOND);
    assertThat(its.frames()).extracting(Frame::type).contains(PING);
    its.answers(1, false, "103");
    its.told(dev.lariat.message.Inform.class);
    its.later(5 * Stand.SECOND);
    assertThat(its.out.change()).isNull();
  }

  @Test
  void aRequestThatIsGivenUpWhileOthersWaitLosesNoCommand() {
    stand.open(MAX_CONCURRENT_STREAMS, 1);
    stand.out.next(Notice.SettingsChanged.class);
    Stream one = stand.get("/1");
    Stream two = stand.ask(dev.lariat.option.Request.of("PUT", "/2"), false);
    stand.data(two, "hello", true); // held with it
    stand.cancel(one);
    stand.out.expect(new StreamFailed(one.ref(), new Reason.Cancelled()));
    List<Frame> frames = stand.frames();
    assertThat(frames.getLast().text()).isEqualTo("hello");
    stand.answers(3, true, "200");
    stand.out.expect(new Response(two.ref(), true, 200, Headers.EMPTY));
    stand.out.expectEnd();
  }
}
