package dev.lariat.fleet.yaml;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Pair;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Silence;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Makes a feed of a section of the file. Equal sections make equal feeds. */
final class FeedReader {
  static final String[] KEYS = {
    "id",
    "kind",
    "uri",
    "headers",
    "onOpen",
    "position",
    "positionHeader",
    "resume",
    "pair",
    "overlap",
    "standBy",
    "goodbye",
    "healing",
    "silence"
  };
  static final String[] DEFAULT_KEYS = {
    "headers",
    "onOpen",
    "position",
    "positionHeader",
    "resume",
    "pair",
    "overlap",
    "standBy",
    "goodbye",
    "healing",
    "silence"
  };
  private static final String WEB_SOCKET = "webSocket";
  private static final String EVENTS = "events";

  /** Texts and binaries count: a record, so that equal options are equal. */
  private record Messages() implements Predicate<Frame> {
    @Override
    public boolean test(Frame frame) {
      return frame instanceof Text || frame instanceof Binary;
    }
  }

  private final Section section;
  private final boolean webSocket;

  private FeedReader(Section section, boolean webSocket) {
    this.section = section;
    this.webSocket = webSocket;
  }

  static Feed read(Section section) {
    Value uri = section.required("uri");
    Endpoint endpoint = uri.as(Endpoint::of);
    boolean webSocket = isWebSocket(endpoint);
    section.value("kind").ifPresent(kind -> check(kind, webSocket));
    return new FeedReader(section, webSocket).read(endpoint);
  }

  private static void check(Value kind, boolean webSocket) {
    boolean said = kind.word(WEB_SOCKET, EVENTS).equals(WEB_SOCKET);
    if (said != webSocket) {
      throw kind.refused(
          webSocket
              ? WEB_SOCKET + " for a URI of ws or wss"
              : EVENTS + " for a URI of http or https");
    }
  }

  private Feed read(Endpoint plain) {
    Endpoint endpoint = section.with(plain, "headers", FeedReader::headers);
    Feed feed =
        section
            .required("id")
            .as(id -> webSocket ? Feed.webSocket(id, endpoint) : Feed.events(id, endpoint));
    feed = section.with(feed, "position", (its, value) -> its.position(finder(value)));
    feed = options(feed);
    Optional<Value> resume = section.value("resume");
    FirstFrames first = FirstFrames.NONE;
    if (section.value("onOpen").isPresent()) {
      Value value = onlyWebSocket("onOpen");
      first = first.texts(value.texts());
    }
    if (resume.isPresent()) {
      Section how = resume.get().section("query", "header", "frame", "start");
      requireOne(how);
      feed = how.with(feed, "query", (its, value) -> its.resume(Resume.query(value.text())));
      feed = how.with(feed, "header", (its, value) -> its.resume(Resume.header(value.text())));
      first = frame(how, first);
    }
    feed = first.equals(FirstFrames.NONE) ? feed : feed.onOpen(first);
    return goodbye(standBy(overlap(pair(positionHeader(feed)))));
  }

  private Feed overlap(Feed feed) {
    Optional<Value> its = section.value("overlap");
    boolean overlap = its.isPresent() && its.get().truth();
    if (overlap && webSocket && section.value("position").isEmpty()) {
      throw its.get().refused("only with a position");
    }
    return feed.overlap(overlap);
  }

  private Feed standBy(Feed feed) {
    Optional<Value> its = section.value("standBy");
    boolean standBy = its.isPresent() && its.get().truth();
    if (standBy && webSocket && section.value("position").isEmpty()) {
      throw its.get().refused("only with a position");
    }
    return feed.standBy(standBy);
  }

  private Feed goodbye(Feed feed) {
    if (section.value("goodbye").isEmpty()) {
      return feed;
    }
    Value code = onlyWebSocket("goodbye");
    int number = code.integer();
    return feed.goodbye(code.checked(() -> new Close(number, "")));
  }

  private Feed positionHeader(Feed feed) {
    Optional<Value> header = section.value("positionHeader");
    if (header.isPresent() && section.value("resume").isEmpty()) {
      throw header.get().refused("only with resume");
    }
    return section.with(feed, "positionHeader", (its, value) -> its.positionHeader(value.text()));
  }

  private Feed pair(Feed feed) {
    Optional<Value> its = section.value("pair");
    if (its.isEmpty() || (its.get().isScalar() && !its.get().truth())) {
      return feed;
    }
    Value value = its.get();
    Pair pair = value.isScalar() ? Pair.DEFAULT : pair(value);
    boolean recognized = pair.identity().isPresent() || section.value("position").isPresent();
    if (webSocket && !recognized) {
      throw value.refused("only with a position or an identity");
    }
    return feed.pair(pair);
  }

  private Pair pair(Value value) {
    Section how = value.section("second", "identity", "window", "patience");
    Pair pair = Pair.DEFAULT;
    pair = how.with(pair, "second", (its, v) -> its.second(second(v)));
    pair = how.with(pair, "identity", (its, v) -> its.identity(finder(v)));
    pair = how.with(pair, "window", (its, v) -> its.window(v.integer()));
    return how.with(pair, "patience", (its, v) -> its.patience(v.duration()));
  }

  /** The second server gets the headers of the first one. */
  private Endpoint second(Value uri) {
    Endpoint endpoint = uri.as(Endpoint::of);
    if (isWebSocket(endpoint) != webSocket) {
      throw uri.refused(webSocket ? "the schemes ws and wss" : "the schemes http and https");
    }
    return section.with(endpoint, "headers", FeedReader::headers);
  }

  private static boolean isWebSocket(Endpoint endpoint) {
    return endpoint.uri().getScheme().toLowerCase(Locale.ROOT).startsWith("ws");
  }

  private static Endpoint headers(Endpoint endpoint, Value headers) {
    Endpoint all = endpoint;
    for (Map.Entry<String, Value> header : headers.entries().entrySet()) {
      Endpoint before = all;
      all = header.getValue().as(value -> before.header(header.getKey(), value));
    }
    return all;
  }

  private static PositionFinder finder(Value pointer) {
    return pointer.as(PositionFinder::json);
  }

  private Value onlyWebSocket(String key) {
    Value value = section.required(key);
    if (!webSocket) {
      throw value.refused("only for a WebSocket");
    }
    return value;
  }

  private static void requireOne(Section how) {
    long ways =
        List.of("query", "header", "frame").stream().filter(k -> how.value(k).isPresent()).count();
    if (ways != 1) {
      throw how.whole().refused("exactly one of query, header and frame");
    }
    how.value("start")
        .filter(any -> how.value("frame").isEmpty())
        .ifPresent(
            start -> {
              throw start.refused("only with frame");
            });
  }

  private FirstFrames frame(Section how, FirstFrames first) {
    Optional<Value> frame = how.value("frame");
    if (frame.isEmpty()) {
      return first;
    }
    if (!webSocket) {
      throw frame.get().refused("only for a WebSocket");
    }
    if (section.value("position").isEmpty()) {
      throw frame.get().refused("only with a position");
    }
    String template = frame.get().text();
    if (!template.contains(FirstFrames.POSITION)) {
      throw frame.get().refused("a text with " + FirstFrames.POSITION);
    }
    return first.resuming(template, how.value("start").map(Value::text).orElse(null));
  }

  // ---- the options of the live connection

  private Feed options(Feed feed) {
    if (webSocket) {
      LiveOptions options = LiveOptions.DEFAULT.healing(healing());
      options =
          section.with(
              options,
              "silence",
              (its, v) -> its.silence(new Silence(v.duration(), new Messages())));
      return feed.options(options);
    }
    EventOptions options = EventOptions.DEFAULT.healing(healing());
    options =
        section.with(options, "silence", (its, v) -> its.between(v.duration()).comments(true));
    return feed.options(options);
  }

  private Healing healing() {
    Optional<Value> its = section.value("healing");
    return its.isPresent() ? healing(its.get()) : Healing.DEFAULT;
  }

  private static Healing healing(Value value) {
    Section its =
        value.section(
            "attempts",
            "first",
            "cap",
            "factor",
            "stable",
            "spread",
            "longestRetryAfter",
            "repeats");
    Backoff retry = Backoff.DEFAULT;
    retry = its.with(retry, "attempts", (all, v) -> all.attempts(v.integer()));
    retry = delays(its, retry);
    retry = its.with(retry, "factor", (all, v) -> all.factor(v.number()));
    retry = its.with(retry, "stable", (all, v) -> all.stable(v.duration()));
    Healing healing = Healing.DEFAULT.retry(retry);
    healing = its.with(healing, "spread", (all, v) -> all.spread(v.duration()));
    healing =
        its.with(healing, "longestRetryAfter", (all, v) -> all.longestRetryAfter(v.duration()));
    return its.with(healing, "repeats", (all, v) -> all.repeats(v.integer()));
  }

  /** The two depend on each other, so they are set together. */
  private static Backoff delays(Section its, Backoff retry) {
    Duration first = its.value("first").map(Value::duration).orElse(retry.first());
    Duration cap = its.value("cap").map(Value::duration).orElse(retry.cap());
    Optional<Value> set = its.value("cap").or(() -> its.value("first"));
    return set.isEmpty() ? retry : set.get().checked(() -> retry.delays(first, cap));
  }
}
