package dev.lariat.fleet.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetInfo;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionStore;
import dev.lariat.testkit.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FeedWatchTest {
  @TempDir Path folder;

  private final BlockingQueue<String> opened = new LinkedBlockingQueue<>(); // targets
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final BlockingQueue<FeedFileEvent> told = new LinkedBlockingQueue<>();
  private Path file;
  private Origin origin;
  private Fleet fleet;

  @BeforeEach
  void begin() throws IOException {
    file = folder.resolve("feeds.yaml");
    origin =
        Origin.start(
            visit -> {
              var head = visit.head();
              if (head == null) {
                return;
              }
              opened.add(head.target());
              if (head.target().startsWith("/refused")) {
                visit.respond(403);
                return;
              }
              visit.acceptWebSocket().receive();
            });
    fleet =
        Fleet.open(
            PositionStore.inMemory(),
            batch -> {},
            FleetOptions.DEFAULT.slots(4).listener(happened::add));
  }

  @AfterEach
  void end() throws Exception {
    fleet.close();
    origin.close();
  }

  private String feed(String id, String target) {
    return "- {id: " + id + ", uri: '" + origin.uri("ws", target) + "'}\n";
  }

  /** Replaces the file, as editors do. */
  private void write(String... feeds) throws IOException {
    Path next = folder.resolve("next");
    Files.writeString(next, "feeds:\n" + String.join("", feeds));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private FeedWatch watch() throws IOException {
    return FeedWatch.start(file, name -> null, fleet, Duration.ofMillis(5), told::add);
  }

  private String opened() throws InterruptedException {
    String target = opened.poll(20, TimeUnit.SECONDS);
    assertThat(target).as("an attempt").isNotNull();
    return target;
  }

  private FeedFileEvent told() throws InterruptedException {
    FeedFileEvent event = told.poll(20, TimeUnit.SECONDS);
    assertThat(event).as("an event of the file").isNotNull();
    return event;
  }

  private List<String> ids() {
    FleetInfo info = fleet.info();
    return info.feeds().stream().map(feed -> feed.id()).toList();
  }

  @Test
  void whatIsAddedChangedOrRemovedInTheFileTakesEffect() throws Exception {
    write(feed("a", "/a"), feed("b", "/b"));
    try (FeedWatch _ = watch()) {
      assertThat(List.of(opened(), opened())).containsExactlyInAnyOrder("/a", "/b");
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(2, 0, 0));
      write(feed("a", "/a"), feed("b", "/b?v=2"), feed("c", "/c"));
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 1, 0));
      assertThat(List.of(opened(), opened())).containsExactlyInAnyOrder("/b?v=2", "/c");
      write(feed("c", "/c"));
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(0, 0, 2));
      assertThat(ids()).containsExactly("c");
    }
    assertThat(opened).isEmpty();
  }

  @Test
  void aBrokenVersionIsToldAndTheFeedsStay() throws Exception {
    write(feed("a", "/a"));
    try (FeedWatch _ = watch()) {
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 0, 0));
      write(feed("a", "/a"), "- {id: b, url: 'ws://h/'}\n");
      assertThat(told())
          .isInstanceOfSatisfying(
              FeedFileEvent.Refused.class,
              refused ->
                  assertThat(refused.cause())
                      .hasMessageContaining("line 3")
                      .hasMessageContaining("did you mean uri?"));
      Files.delete(file);
      assertThat(told()).isInstanceOf(FeedFileEvent.Refused.class);
      assertThat(ids()).containsExactly("a");
      write(feed("b", "/b"));
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 0, 1));
    }
    assertThat(told).isEmpty(); // each of them once
  }

  @Test
  void aFileBehindASymbolicLinkIsFollowedWhenTheLinkChanges() throws Exception {
    write(feed("a", "/a"));
    Path one = Files.move(file, folder.resolve("one"));
    Files.createSymbolicLink(file, one.getFileName());
    try (FeedWatch _ = watch()) {
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 0, 0));
      Files.writeString(folder.resolve("two"), "feeds:\n" + feed("b", "/b"));
      Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("two"));
      Files.move(link, file, StandardCopyOption.REPLACE_EXISTING);
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 0, 1));
    }
  }

  @Test
  void aFeedThatEndedForGoodIsTriedAgainOnlyWhenSomebodyAsks() throws Exception {
    write(feed("gone", "/refused"));
    try (FeedWatch watch = watch()) {
      assertThat(opened()).isEqualTo("/refused");
      FleetEvent event = happened.take();
      while (!(event instanceof FleetEvent.FeedGone)) {
        event = happened.take();
      }
      told();
      write(feed("gone", "/refused"), feed("a", "/a"));
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(1, 0, 0));
      assertThat(opened()).isEqualTo("/a");
      watch.reread();
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(0, 0, 0));
      assertThat(opened()).isEqualTo("/refused");
    }
  }

  @Test
  void aFileThatIsBrokenAtTheStartIsRefused() throws Exception {
    assertThatThrownBy(this::watch).isInstanceOf(IOException.class);
    Files.writeString(file, "fedes: []");
    assertThatThrownBy(this::watch)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            file
                + ", line 1, column 1: fedes: unknown; did you mean feeds? allowed feeds, defaults,"
                + " budget");
    assertThat(ids()).isEmpty();
  }

  @Test
  void aNewBudgetIsToldAndNotTaken() throws Exception {
    Files.writeString(file, "{budget: {perSecond: 5}, feeds: []}");
    try (FeedWatch _ = watch()) {
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(0, 0, 0));
      Files.writeString(file, "{budget: {perSecond: 50}, feeds: []}");
      assertThat(told()).isEqualTo(new FeedFileEvent.Applied(0, 0, 0));
      assertThat(told()).isEqualTo(new FeedFileEvent.BudgetKept());
    }
  }
}
