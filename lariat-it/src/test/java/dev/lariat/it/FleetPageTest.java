package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.FleetStatus;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The status page of a fleet in a browser. */
@Needs(Peer.CHROMIUM)
@Timeout(180)
class FleetPageTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>";

  private static Feed feed(String id, Origin origin, String path) {
    return Feed.webSocket(id, origin.uri("ws", path).toString())
        .position(PositionFinder.json("/seq"));
  }

  private static String rowOf(String feed) {
    return "[...document.querySelectorAll('#feeds tr')].find((row) =>"
        + " row.cells[0].textContent === '"
        + feed
        + "')";
  }

  @Test
  @SuppressWarnings("try") // the status is closed early, which the page must show
  void itShowsTheFleetAndWhatHappensInIt() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  var head = visit.head();
                  if (head != null && head.target().equals("/gone")) {
                    visit.respond(403);
                  } else if (head != null) {
                    var socket = visit.acceptWebSocket();
                    socket.send(new Text("{\"seq\":7}"));
                    socket.receive();
                  }
                });
        Fleet fleet =
            Fleet.open(PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.slots(16));
        FleetStatus status = FleetStatus.serve(fleet, 0);
        Browser browser = new Browser()) {
      for (int i = 0; i < 400; i++) { // more than the page shows
        fleet.put(feed("feed " + i, origin, "/"));
      }
      fleet.put(feed(HOSTILE, origin, "/gone"));
      for (int width : List.of(360, 1280)) {
        for (boolean dark : List.of(false, true)) {
          String as = width + (dark ? ", dark" : ", light");
          browser.open(status.uri(), width, dark);
          browser.await("document.querySelector('dd.OPEN')?.textContent === '400'");
          String wide = browser.evaluate("document.documentElement.scrollWidth");
          assertThat(Integer.parseInt(wide)).as(as).isLessThanOrEqualTo(width);
          assertThat(browser.leastContrast()).as(as).isGreaterThan(4.5);
          String back = browser.evaluate("getComputedStyle(document.body).backgroundColor");
          assertThat(back.equals("rgb(255, 255, 255)")).as(as + back).isEqualTo(!dark);
          assertThat(browser.loaded())
              .as(as)
              .containsOnly(status.uri().toString(), status.uri() + "events");
        }
      }
      assertThat(browser.evaluate("document.querySelector('#feeds td').textContent"))
          .isEqualTo(HOSTILE); // the worst comes first, and a text stays one
      assertThat(browser.evaluate("document.querySelectorAll('img').length")).isEqualTo("0");
      assertThat(browser.evaluate("document.querySelector('#more').textContent"))
          .isEqualTo("The first 300 of 401 feeds.");
      browser.evaluate(
          "document.querySelector('#search').value = 'feed 17',"
              + " document.querySelector('#search').dispatchEvent(new Event('input'))");
      assertThat(browser.evaluate(rowOf("feed 17") + ".innerText.split(/\\s+/).slice(0, 6)"))
          .matches("feed,17,OPEN,alone,\\d+,7");

      assertThat(browser.complaints()).isEmpty();
      origin.refuse(); // and what happens shows
      origin.drop();
      browser.await(rowOf("feed 17") + "?.cells[1].textContent === 'WAITING'");
      browser.await("document.querySelector('#happened').textContent.includes('feed 17 waits')");
      fleet.remove("feed 17");
      browser.await(rowOf("feed 17") + " === undefined");
      status.close();
      browser.await("document.querySelector('#live').className === 'lost'");
    }
  }
}
