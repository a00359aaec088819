package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/** How a fleet stands, as JSON in one line. */
final class StatusText {
  private StatusText() {}

  /**
   * The status with these feeds.
   *
   * @param slots how many slots the fleet has
   * @param feeds those of its feeds that are wanted
   * @param removed the ids of feeds that it does not have any more
   */
  static String of(
      FleetInfo fleet, int slots, Collection<FeedInfo> feeds, Collection<String> removed) {
    StringBuilder text = new StringBuilder();
    JsonText json = new JsonText(text);
    json.member("node", fleet.node()).member("members", fleet.members());
    fleet.ended().ifPresent(why -> json.member("ended", why));
    json.member("at", Instant.now().toString());
    json.member("slots", slots).member("owned", fleet.slots().size());
    json.member("written", fleet.written());
    fleet.unwritten().ifPresent(at -> json.member("unwritten", at.toString()));
    fleet
        .oldestEvent()
        .ifPresent(
            feed -> {
              JsonText silent = new JsonText(json.name("silent"));
              silent.member("feed", feed.id());
              feed.lastEvent().ifPresent(at -> silent.member("at", at.toString()));
              silent.end();
            });
    JsonText states = new JsonText(json.name("states"));
    fleet.states().forEach((state, count) -> states.member(state.name(), count));
    states.end();
    json.name("feeds").append('[');
    String comma = "";
    for (FeedInfo feed : feeds) {
      text.append(comma);
      comma = ",";
      feed(text, feed, fleet.owners());
    }
    text.append(']');
    json.name("removed").append('[');
    comma = "";
    for (String id : removed) {
      text.append(comma);
      comma = ",";
      JsonText.quote(text, id);
    }
    text.append(']');
    json.end();
    return text.toString();
  }

  private static void feed(StringBuilder text, FeedInfo feed, Map<Integer, String> owners) {
    JsonText json = new JsonText(text);
    json.member("id", feed.id()).member("state", feed.state().name()).member("slot", feed.slot());
    String owner = owners.get(feed.slot());
    if (owner != null) {
      json.member("owner", owner);
    }
    feed.position().ifPresent(position -> json.member("position", position));
    feed.lastEvent().ifPresent(at -> json.member("lastEvent", at.toString()));
    json.member("gaps", feed.gaps());
    feed.lastGap().map(Duration::toMillis).ifPresent(ms -> json.member("lastGapMillis", ms));
    feed.lost().ifPresent(at -> json.member("lost", at.toString()));
    feed.standBy()
        .map(its -> its.node().filter(node -> its.ready()).orElse("none"))
        .ifPresent(node -> json.member("standBy", node));
    feed.pair()
        .filter(here -> feed.state() != FeedInfo.State.ELSEWHERE)
        .ifPresent(pair -> pair(new JsonText(json.name("pair")), pair));
    feed.reason().map(Reason::sentence).ifPresent(why -> json.member("reason", why));
    json.end();
  }

  private static void pair(JsonText json, PairInfo pair) {
    json.member("open", pair.open()).member("duplicates", pair.duplicates());
    connection(new JsonText(json.name("first")), pair.first());
    connection(new JsonText(json.name("second")), pair.second());
    json.end();
  }

  private static void connection(JsonText json, PairInfo.Connection its) {
    json.member("state", its.state().name()).member("ahead", its.ahead());
    its.reason().map(Reason::sentence).ifPresent(why -> json.member("reason", why));
    json.end();
  }

  /** Something that has happened. */
  static String of(Instant at, FleetEvent event) {
    StringBuilder text = new StringBuilder();
    new JsonText(text).member("at", at.toString()).member("text", event.sentence()).end();
    return text.toString();
  }
}
