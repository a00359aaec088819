package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The two ways of {@code ws}: what comes from the server is shown, what comes from the input is
 * sent. It ends when the live WebSocket has.
 *
 * <p>At the end of the input a person wants to leave. Into a pipe there may still come answers: so
 * it waits until everything is sent and the server has been silent for a while. A session that is
 * lost then has lost the answers, and another one would not bring them.
 */
final class Talk {

  /**
   * How it ended.
   *
   * @param sentence why, where that is a failure
   */
  record Outcome(int exit, @Nullable String sentence) {}

  /**
   * How it is done.
   *
   * @param linger the silence to wait for after the end of the input; null to leave at once
   * @param expected ends it when it is found in a text; null for nothing
   * @param maxTime how long it may take; null for as long as it likes
   * @param owed whether the input is short and must be sent before a text that is expected ends it
   */
  record Manner(
      @Nullable Duration linger,
      @Nullable Pattern expected,
      @Nullable Duration maxTime,
      boolean owed,
      boolean verbose,
      boolean quiet) {}

  private final LiveWebSocket live;
  private final Wire wire;
  private final Source source;
  private final Screen screen;
  private final Manner manner;
  private final @Nullable Duration linger;
  private final Fates fates;

  // under the lock
  private boolean opened; // at least once
  private boolean inputEnded;
  private long heardAt;
  private @Nullable Reason lost; // why the last session was, while there is none
  private @Nullable Reason cut; // why it was not worth another one
  private @Nullable Outcome refused; // what the input holds cannot be sent
  private boolean found; // what is expected
  private boolean late;

  /** Not begun yet. */
  Talk(LiveWebSocket live, Wire wire, Source source, Screen screen, Manner manner) {
    this.live = live;
    this.wire = wire;
    this.source = source;
    this.screen = screen;
    this.manner = manner;
    this.linger = manner.linger;
    this.fates = new Fates(wire, this::notice, this::changed);
  }

  Outcome run() throws InterruptedException {
    Thread.ofVirtual().name("lariat-input").start(this::send);
    Duration maxTime = manner.maxTime;
    Thread timer =
        maxTime == null
            ? null
            : Thread.ofVirtual().name("lariat-timer").start(() -> endAfter(maxTime));
    try {
      return read();
    } finally {
      if (timer != null) {
        timer.interrupt();
      }
    }
  }

  private void endAfter(Duration maxTime) {
    try {
      Thread.sleep(maxTime);
    } catch (InterruptedException e) {
      return; // it has ended before
    }
    synchronized (this) {
      late = true;
    }
    live.close();
  }

  private Outcome read() throws InterruptedException {
    while (true) {
      Message message = wire.take();
      switch (message) {
        case WebSocketFrame(_, var frame) -> show(frame);
        case Open _ -> {
          isOpen();
          event(message);
        }
        case Waiting waiting -> isLost(waiting);
        case Gone(_, var reason) -> {
          fates.tell();
          return outcome(reason);
        }
        case Message other -> {
          if (Line.isPing(other)) {
            fates.heard();
          }
          event(other);
        }
      }
    }
  }

  private void event(Message message) {
    if (!manner.quiet) {
      screen.event(message);
    }
  }

  private void notice(String line) {
    if (!manner.quiet) {
      screen.notice(line);
    }
  }

  private void show(Frame frame) {
    fates.heard();
    if (frame instanceof Text || frame instanceof Binary) {
      if (isOver()) {
        return; // the text that was expected is the last one
      }
      heard();
      screen.frame(frame);
      if (frame instanceof Text(var text) && isExpected(text)) {
        synchronized (this) {
          found = true;
        }
        leaveIfFound();
      }
    } else if (manner.verbose && frame instanceof Ping) { // a pong is told by its notice
      notice("< " + Line.of(frame));
    }
  }

  // ---- what is expected

  private boolean isExpected(String text) {
    try {
      return manner.expected != null && manner.expected.matcher(text).find();
    } catch (StackOverflowError e) {
      throw new UsageException(
          "--expect: the pattern nests too deeply for a text of " + text.length() + " characters.");
    }
  }

  private synchronized boolean isOver() {
    return found;
  }

  private synchronized void leaveIfFound() {
    if (found && (inputEnded || !manner.owed)) {
      live.shutdown();
    }
  }

  // ---- sessions come and go

  private synchronized void isOpen() {
    opened = true;
    lost = null;
    fates.heard();
    notifyAll();
  }

  private void isLost(Waiting waiting) {
    synchronized (this) {
      lost = waiting.reason();
    }
    changed();
    if (isCut()) {
      return; // the reason is told at the end
    }
    tellUnanswered();
    event(waiting);
  }

  /** A loss that the keepalive found has taken what was written before it. */
  private void tellUnanswered() {
    String which = fates.unanswered();
    if (which != null) {
      notice(
          Line.line("Written", which + ": the server has sent nothing since, so it may be lost"));
    }
  }

  /** Another session would bring nothing: all is sent, and the answers are lost. */
  private synchronized void changed() {
    boolean waits = linger != null && manner.expected == null;
    if (waits && opened && inputEnded && lost != null && cut == null && fates.areKnown()) {
      cut = lost;
      live.close();
    }
    notifyAll();
  }

  private synchronized boolean isCut() {
    return cut != null;
  }

  // ---- the input, on a thread of its own

  private void send() {
    try {
      for (Frame frame = source.next(); frame != null; frame = source.next()) {
        send(frame);
        if (linger == null && live.session() == 0) {
          notice(Line.line("Queued", "it is sent when the WebSocket is open again"));
        }
      }
    } catch (FailedException e) {
      return; // it has ended, which is told
    } catch (UsageException | IllegalArgumentException e) {
      refuse(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      refuse("The input cannot be read: " + e.getMessage() + ".");
    }
    synchronized (this) {
      inputEnded = true;
    }
    changed();
    if (manner.expected != null && !isRefused()) {
      leaveIfFound();
      return; // the server has the last word
    }
    try {
      awaitSilence();
      live.shutdown();
    } catch (InterruptedException e) {
      live.close();
    }
  }

  /** Sends a message; that the outbox has no room for it is told by its fate. */
  private void send(Frame frame) {
    try {
      fates.send(frame);
    } catch (FailedException e) {
      if (!(e.reason() instanceof Reason.Limit)) {
        throw e;
      }
    }
  }

  private synchronized void refuse(String sentence) {
    refused = new Outcome(Exit.USAGE, sentence);
  }

  private synchronized boolean isRefused() {
    return refused != null;
  }

  /** Many servers answer nothing any more once they have read a close frame. */
  private synchronized void awaitSilence() throws InterruptedException {
    if (linger == null) {
      return;
    }
    while (!opened || lost != null || !fates.areKnown()) {
      wait();
    }
    heardAt = System.nanoTime(); // the silence begins when there is no more to say
    long left = linger.toMillis();
    while (left > 0) {
      wait(left);
      left = linger.toMillis() - (System.nanoTime() - heardAt) / 1_000_000;
    }
  }

  private synchronized void heard() {
    heardAt = System.nanoTime();
  }

  // ---- the end

  private synchronized Outcome outcome(Reason gone) {
    if (refused != null) {
      return refused;
    }
    Reason reason = cut == null ? gone : cut;
    String undelivered = fates.sentence();
    if (found) {
      return manner.owed && undelivered != null
          ? new Outcome(Exit.UNDELIVERED, undelivered)
          : new Outcome(Exit.OK, null);
    }
    if (late) {
      return tooLate(undelivered);
    }
    int exit = Exit.of(reason);
    if (exit != Exit.OK) {
      String why = Words.of(reason) + (undelivered == null ? "" : " " + undelivered);
      return new Outcome(exit, why);
    }
    if (undelivered != null) {
      return new Outcome(Exit.UNDELIVERED, undelivered);
    }
    if (manner.expected != null) {
      return new Outcome(Exit.PROBLEM, unexpected() + " " + Words.of(reason));
    }
    if (!manner.quiet) {
      screen.closed(Words.of(reason));
    }
    return new Outcome(Exit.OK, null);
  }

  private Outcome tooLate(@Nullable String undelivered) {
    int exit = opened && manner.expected != null ? Exit.PROBLEM : Exit.TIMEOUT;
    String what = exit == Exit.PROBLEM ? unexpected() + " " : "";
    String why = lost == null ? "" : ": " + Words.of(lost);
    String sentence = what + "It took longer than --max-time" + why;
    String whole = lost == null ? sentence + "." : sentence;
    return new Outcome(exit, undelivered == null ? whole : whole + " " + undelivered);
  }

  private static String unexpected() {
    return "No text came that --expect waits for.";
  }
}
