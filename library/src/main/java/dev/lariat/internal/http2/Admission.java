package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.util.List;
import java.util.Optional;

/**
 * Which of the streams that are asked for begin at once, and which wait: until there is one stream
 * less, until the lane takes more, until the server has said whether it takes WebSockets, or for
 * the next connection. What waits is in {@link Held}, and begins in the order in which it was asked
 * for.
 */
final class Admission {
  private final Http2Engine engine;
  private final Streams streams;
  private final Held held;

  /** {@code http2.maxStreams}. */
  private final long ownLimit;

  /** Whether what waits is being begun. */
  private boolean lettingOut;

  /** Whether no other link follows that could take what is asked for. */
  private boolean forGood;

  @SuppressWarnings("NullAway.Init") // nothing is asked for before begin
  private Out out;

  Admission(Http2Engine engine, Streams streams, Held held, long ownLimit) {
    this.engine = engine;
    this.streams = streams;
    this.held = held;
    this.ownLimit = ownLimit;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** How many streams there may be at a time. */
  long mostStreams() {
    return Math.min(ownLimit, engine.server().maxStreams());
  }

  /**
   * Takes a command that begins a stream, or that is for a stream that waits.
   *
   * @return false if it is for any other stream
   */
  boolean takes(Command.OfStream command) {
    if (command instanceof Command.Begin begin) {
      asked(begin);
    } else if (!held.has(command.stream())) {
      return false;
    } else {
      held.take(command, out);
    }
    return true;
  }

  private void asked(Command.Begin begin) {
    if (forGood) {
      Refusals.refuse(begin, new Reason.Unprocessed("the connection is closing"), out);
    } else if (!held.isEmpty() || mustWait(begin)) {
      held.add(begin, out);
    } else {
      engine.begin(begin);
    }
  }

  /** Whether what begins a stream must not begin now, even if nothing waits before it. */
  private boolean mustWait(Command.Begin begin) {
    return !engine.isOpen() // the next connection's
        || streams.size() >= mostStreams()
        || !out.writable()
        || Requests.isExtended(begin)
            && !engine.server().known(); // a guess before (RFC 8441 section 3)
  }

  /** Begins what waits, as far as it need not wait any longer. */
  void letOut() {
    if (lettingOut) {
      return; // a stream that begins may end others
    }
    lettingOut = true;
    try {
      while (!held.isEmpty() && !(held.peek() instanceof Command.Begin begin && mustWait(begin))) {
        Command.OfStream next = held.remove();
        if (next instanceof Command.Begin begin) {
          engine.begin(begin);
        } else {
          engine.carryOut(next); // for what has begun before it
        }
      }
    } finally {
      lettingOut = false;
    }
  }

  /** Asks for a stream once more, with what was sent early on it. */
  void askAgain(Command.Begin begin, List<Command.OfStream> early) {
    held.add(begin, out);
    early.forEach(command -> held.add(command, out));
  }

  /** Ends what waits for a server that turned out not to do it. */
  void refuseExtended() {
    held.giveUp(Requests::isExtended, Requests.NOT_OFFERED, out);
  }

  /** No other link follows: ends what waits, and what is asked for from now on. */
  void close() {
    forGood = true;
    Reason reason = new Reason.Unprocessed("the owner shut the connection down");
    held.removeAll().forEach(command -> Refusals.refuse(command, reason, out));
  }

  // ---- how it stands

  /** How many wait. */
  int waiting() {
    return held.streams();
  }

  /** How many more may begin, and those that wait before them. */
  int room() {
    long room = mostStreams() - streams.size() - waiting();
    return (int) Math.max(0, Math.min(room, Integer.MAX_VALUE));
  }

  /** How many streams begin before this one, which waits too; -1 if it does not wait. */
  int streamsBefore(StreamRef stream) {
    return held.streamsBefore(stream);
  }

  /** Whether it waits for others to end, or for the next connection. */
  boolean hasNoRoomFor(StreamRef stream) {
    int before = streamsBefore(stream);
    return before >= 0 && (!engine.isOpen() || streams.size() + before >= mostStreams());
  }

  Optional<Reason> whyWaiting(StreamRef stream) {
    return streamsBefore(stream) < 0
        ? Optional.empty()
        : Optional.of(new Reason.Unprocessed(whyHeld()));
  }

  /** What the first of those waits for that wait. */
  private String whyHeld() {
    if (!engine.isOpen()) {
      return "the connection ends, and the next one is awaited";
    }
    if (streams.size() >= mostStreams()) {
      return "it waits until the connection has less than "
          + mostStreams()
          + " streams (http2.maxStreams, and the server's limit)";
    }
    return out.writable()
        ? "the server's SETTINGS are awaited, which say whether it takes WebSockets"
        : "the server does not read what was sent before";
  }
}
