package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Priorities (RFC 9218): what the server is told, and the order of this side's own bodies. */
class PriorityTest {
  private static final Request PUT = Request.of("PUT", "/");

  private final Stand stand = new Stand();

  /** The server uses these priorities, and not those of RFC 7540. */
  private void open() {
    stand.open(NO_RFC7540_PRIORITIES, 1);
  }

  // ---- what the server is told

  @Test
  void aRequestSaysItsPriorityInAHeader() {
    open();
    stand.ask(Request.of("GET", "/").priority(1, true));
    assertThat(stand.frame().fields().first("priority")).contains("u=1, i");
  }

  @Test
  void aPriorityThatChangesIsToldByPriorityUpdate() {
    open();
    stand.get("/1");
    Stream two = stand.get("/2");
    stand.frames();
    stand.prioritize(two, 0, false);
    Frame update = stand.frame();
    assertThat(update.type()).isEqualTo(PRIORITY_UPDATE);
    assertThat(update.flags()).isZero();
    assertThat(update.stream()).isZero();
    assertThat(update.number(0)).as("the stream that it is for").isEqualTo(3);
    assertThat(update.text().substring(4)).isEqualTo("u=0");
  }

  @Test
  void aServerThatDoesNotUseThemIsToldNoChange() { // RFC 9218 section 2.1.1
    stand.open();
    Stream get = stand.get("/");
    stand.frames();
    stand.prioritize(get, 0, false);
    assertThat(stand.frames()).isEmpty();
    stand.out.expectEnd();
  }

  @Test
  void aServerThatHasNotSaidWhetherItUsesThemIsTold() {
    stand.begin();
    Stream get = stand.get("/");
    stand.frames();
    stand.prioritize(get, 7, true);
    assertThat(stand.frame().text()).endsWith("u=7, i");
  }

  @Test
  void aRequestThatWaitsIsSentWithItsNewPriority() {
    stand.open(NO_RFC7540_PRIORITIES, 1, MAX_CONCURRENT_STREAMS, 1);
    stand.out.next();
    stand.get("/1");
    Stream two = stand.ask(Request.of("GET", "/2").priority(5, true));
    stand.frames();
    stand.prioritize(two, 2, false);
    assertThat(stand.frames()).isEmpty();
    stand.answers(1, true, "200");
    stand.told(Response.class);
    assertThat(stand.frame().fields().all("priority")).containsExactly("u=2");
  }

  @Test
  void nothingIsToldOfAStreamThatHasEnded() {
    open();
    Stream get = stand.get("/");
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.frames();
    stand.prioritize(get, 0, false);
    assertThat(stand.frames()).isEmpty();
    stand.out.expectEnd();
  }

  @Test
  void aResponseThatHasComeWholeNeedsNoPriority() {
    open();
    Stream put = stand.ask(PUT, false);
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.frames();
    stand.prioritize(put, 0, false);
    assertThat(stand.frames()).isEmpty();
  }

  // ---- the order of bodies

  /** What stops the bodies until all of them wait. */
  enum Stop {
    LANE,
    CONNECTION
  }

  private List<Integer> order(Stop stop, Runnable asks) {
    if (stop == Stop.CONNECTION) { // used up by a body that has its turn first
      Stream first = stand.ask(PUT, false);
      stand.data(first, "x".repeat(INITIAL_WINDOW), true);
      asks.run();
      stand.frames();
      stand.opens(0, 1 << 20);
    } else {
      stand.opens(0, 1 << 20);
      asks.run();
      stand.frames();
      stand.out.writable = true;
      stand.engine.writable(stand.out.at(stand.now));
      stand.flush();
    }
    return stand.frames().stream()
        .filter(frame -> frame.type() == DATA)
        .map(Frame::stream)
        .toList();
  }

  /** Requests of these priorities, each with a body of three frames, all stopped. */
  private List<Stream> bodies(Stop stop, Request... requests) {
    List<Stream> all = new ArrayList<>();
    for (Request request : requests) {
      all.add(stand.ask(request, false));
    }
    stand.out.writable = stop != Stop.LANE;
    for (Stream stream : all) {
      stand.data(stream, "x".repeat(2 * MAX_PAYLOAD + 1), true);
    }
    return all;
  }

  private static final Request LATER = PUT.priority(6, true);
  private static final Request SOONER = PUT.priority(1, true);
  private static final Request WHOLE = PUT.priority(3, false);

  @ParameterizedTest
  @EnumSource
  void moreUrgentBodiesGoFirst(Stop stop) {
    open();
    int first = stop == Stop.CONNECTION ? 3 : 1;
    assertThat(order(stop, () -> bodies(stop, LATER, PUT, SOONER)))
        .containsExactly(
            first + 4, first + 4, first + 4, first + 2, first + 2, first + 2, first, first, first);
  }

  @ParameterizedTest
  @EnumSource
  void bodiesOfOneUrgencyTakeTurns(Stop stop) {
    open();
    int first = stop == Stop.CONNECTION ? 3 : 1;
    assertThat(order(stop, () -> bodies(stop, SOONER, SOONER)))
        .containsExactly(first, first + 2, first, first + 2, first, first + 2);
  }

  @ParameterizedTest
  @EnumSource
  void bodiesThatAreNotIncrementalGoOneAfterTheOther(Stop stop) {
    open();
    int first = stop == Stop.CONNECTION ? 3 : 1;
    assertThat(order(stop, () -> bodies(stop, WHOLE, WHOLE)))
        .containsExactly(first, first, first, first + 2, first + 2, first + 2);
  }

  @Test
  void thoseThatAreNotHaveOneTurnTogetherBesideTheOthers() {
    open();
    assertThat(order(Stop.LANE, () -> bodies(Stop.LANE, WHOLE, WHOLE, PUT)))
        .containsExactly(1, 5, 1, 5, 1, 5, 3, 3, 3);
  }

  @ParameterizedTest
  @EnumSource
  void aNewPriorityMovesABodyThatWaits(Stop stop) {
    stand.open(); // the server need not know
    int first = stop == Stop.CONNECTION ? 3 : 1;
    assertThat(
            order(
                stop,
                () -> {
                  List<Stream> all = bodies(stop, PUT, PUT);
                  stand.prioritize(all.get(1), 0, false);
                }))
        .containsExactly(first + 2, first + 2, first + 2, first, first, first);
  }

  @Test
  void aBodyWhoseOwnWindowIsShutLetsLessUrgentOnesGo() {
    stand.open(NO_RFC7540_PRIORITIES, 1, INITIAL_WINDOW_SIZE, 0);
    Stream urgent = stand.ask(SOONER, false);
    Stream other = stand.ask(LATER, false);
    stand.data(urgent, "urgent", true);
    stand.data(other, "other", true);
    stand.frames();
    stand.opens(3, 100);
    assertThat(stand.frame().text()).isEqualTo("other");
    stand.prioritize(urgent, 7, true); // it waits for no turn
    stand.opens(1, 100);
    assertThat(stand.frames().getLast().text()).isEqualTo("urgent");
  }

  @Test
  void aBodyThatIsGivenUpWaitsNoMore() {
    open();
    assertThat(
            order(
                Stop.LANE,
                () -> {
                  List<Stream> all = bodies(Stop.LANE, SOONER, WHOLE, WHOLE);
                  stand.cancel(all.get(0));
                  stand.cancel(all.get(1));
                }))
        .containsExactly(5, 5, 5);
    for (int i = 0; i < 2; i++) {
      assertThat(stand.told(StreamFailed.class).reason()).isEqualTo(new Reason.Cancelled());
      stand.out.next(); // its part
    }
  }

  @Test
  void aHeaderOfTheUsersOrdersTheBodiesToo() {
    open();
    Request own = PUT.header("priority", "u=0");
    assertThat(order(Stop.LANE, () -> bodies(Stop.LANE, PUT, own))).startsWith(3, 3, 3);
  }
}
