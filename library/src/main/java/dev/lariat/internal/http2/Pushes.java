package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Http2;
import dev.lariat.option.Request;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server pushes: responses to requests that it promises (RFC 9113 section 8.4). A promise is
 * looked at in three steps:
 *
 * <ol>
 *   <li>it must be allowed, come with a request that the server has not answered to the end, and
 *       name a new stream; otherwise the connection ends;
 *   <li>the request must be one that may be promised, and there must be room for its response;
 *       otherwise its stream is reset, and only listeners learn of it;
 *   <li>the stream begins. From then on it is like any other whose request was sent.
 * </ol>
 *
 * <p>What a server can make this side keep by its promises is at most {@code http2.maxPushes}
 * streams, and what an inbox takes until it is full. Each promise counts as a useless frame until
 * its response comes, so there are at most a thousand at once and a hundred a second without one.
 */
final class Pushes {
  private static final String PROMISES = "RFC 9113 section 6.6";
  private static final String PUSHES = "RFC 9113 section 8.4";

  /** How many streams are known that this side gave up before the server had ended them. */
  private static final int MOST_GIVEN_UP = 1000;

  private final Http2Engine engine;
  private final Streams streams;
  private final Requests requests;
  private final Hpack hpack;
  private final Http2 options;

  /**
   * Streams that this side gave up before the server had ended them: a promise may still come with
   * one. Of more than are known, the oldest are forgotten.
   */
  private final Set<Integer> givenUp;

  /** The newest of those that were forgotten. */
  private int forgotten;

  @SuppressWarnings("NullAway.Init") // nothing comes before begin
  private Out out;

  Pushes(Http2Engine engine, Streams streams, Requests requests, Hpack hpack, Http2 options) {
    this.engine = engine;
    this.streams = streams;
    this.requests = requests;
    this.hpack = hpack;
    this.options = options;
    this.givenUp = options.push() ? new LinkedHashSet<>(0) : Set.of();
  }

  void begin(Out out) {
    this.out = out;
  }

  // ---- promises

  /**
   * The server promises a stream, with another one.
   *
   * @throws Violation if the connection cannot go on
   */
  void promise(int id, int promised, ByteBuf block) throws Violation {
    if (!options.push()) {
      throw violation("the server promised a response, which this side has switched off", PROMISES);
    }
    hpack.decode(promised, block);
    Http2Stream parent = parent(id);
    if (!streams.promise(promised)) {
      throw violation(
          "the server promised a stream that is not a new one of its own",
          "RFC 9113 section 5.1.1");
    }
    if (parent == null) {
      refuse(promised, CANCEL); // it was on its way when this side gave up what it comes with
      return;
    }
    if (parent.lane != null) {
      refuse(promised, CANCEL);
      engine.fail(
          parent,
          new Reason.Protocol(
              "a promise came on a stream that carries bytes", "RFC 9113 section 8.5"),
          PROTOCOL_ERROR);
      return;
    }
    try {
      take(parent, promised, request(parent));
    } catch (Violation v) {
      refuse(promised, v.code());
      out.observer().pushRefused(parent.stream.ref(), v.reason());
    }
  }

  /** The stream that a promise comes with; null if this side has given it up. */
  private @Nullable Http2Stream parent(int id) throws Violation {
    if (streams.isIdle(id)) {
      throw violation(
          "a PUSH_PROMISE frame is on a stream that has not begun", "RFC 9113 section 5.1");
    }
    Http2Stream parent = streams.of(id);
    boolean own = id % 2 != 0;
    boolean open = parent != null ? !parent.gotEnd : id <= forgotten || givenUp.contains(id);
    if (!own || !open) {
      throw violation(
          own
              ? "the server promised a response with a stream that it had ended"
              : "the server promised a response with a pushed one",
          PROMISES);
    }
    return parent;
  }

  /** The request that is promised. */
  private Request request(Http2Stream parent) throws Violation {
    Hpack.Request head = hpack.request();
    if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
      throw violation("a promised request is neither GET nor HEAD", PUSHES);
    }
    if (!requests.isSameOrigin(parent, head.scheme(), head.authority())) {
      throw violation("a promised request is for another origin", PUSHES);
    }
    for (String host : head.headers().all("host")) {
      if (!requests.isSameOrigin(parent, head.scheme(), host)) {
        throw violation(
            "a promised request has a host field that is not its authority",
            "RFC 9113 section 8.3.1");
      }
    }
    if (!(parent.begun instanceof Command.Request its)) {
      throw refused("nobody takes what is pushed with a WebSocket", CANCEL);
    }
    Request made;
    try {
      made = Request.of(head.method(), head.path()).headers(head.headers());
    } catch (IllegalArgumentException e) {
      throw violation("a promised request is not well-formed", "RFC 9113 section 8.4.1");
    }
    if (made.contentLength().orElse(0) > 0) {
      throw violation("a promised request has content", PUSHES);
    }
    Request asked = its.request();
    Request inherits = made.credit(asked.credit()).content(asked.content());
    return asked.timeout().map(inherits::timeout).orElse(inherits);
  }

  private void take(Http2Stream parent, int promised, Request request) throws Violation {
    if (!engine.isOpen()) {
      throw refused("the connection is closing", REFUSED_STREAM);
    }
    if (streams.pushed() >= options.maxPushes()) {
      throw Violation.of(
          new Reason.Limit(Reason.Bound.PUSHES, options.maxPushes()), REFUSED_STREAM);
    }
    if (out.full(parent.stream.inbox())) {
      throw refused("the mailbox is full", REFUSED_STREAM);
    }
    Stream stream = parent.stream.promises().take(request);
    if (stream == null) {
      throw refused("nobody takes what is pushed with this request", CANCEL);
    }
    requests.promised(stream, request, promised, parent);
    out.tell(
        parent.stream.inbox(),
        new Push(
            parent.stream.ref(),
            stream.ref(),
            request.method(),
            requests.origin(parent) + request.target(),
            request.headers()));
  }

  /** Resets a promised stream that has not begun here; what was sent on it may still come. */
  private void refuse(int promised, int code) {
    engine.sending().reset(promised, code);
    engine.mayStillCome(options.streamWindow());
  }

  private static Violation refused(String why, int code) {
    return Violation.of(new Reason.BadState("push", why), code);
  }

  private static Violation violation(String rule, String section) {
    return Violation.protocol(rule, section, PROTOCOL_ERROR);
  }

  /**
   * Checks that a frame may come on a stream.
   *
   * @throws Violation if its response is promised, and has not begun
   */
  static void checkBegun(@Nullable Http2Stream stream, String frame) throws Violation {
    if (stream != null && stream.isPushed() && !stream.heard) {
      throw violation(
          "a " + frame + " frame is on a stream whose response is only promised",
          "RFC 9113 section 5.1");
    }
  }

  // ---- the streams that promises come with

  /** A stream is gone. */
  void gone(Http2Stream stream) {
    if (!options.push() || stream.gotEnd || stream.isPushed()) {
      return;
    }
    if (givenUp.size() == MOST_GIVEN_UP) {
      forgotten = Math.max(forgotten, givenUp.iterator().next());
      givenUp.remove(givenUp.iterator().next());
    }
    givenUp.add(stream.id);
  }

  /** A request is cancelled, and with it what is pushed with it. */
  void cancelled(StreamRef parent, Reason reason) {
    if (streams.pushed() == 0) {
      return;
    }
    for (Http2Stream stream : streams.all()) {
      if (stream.promisedWith == parent && streams.has(stream)) {
        engine.cancel(stream, reason);
      }
    }
  }
}
