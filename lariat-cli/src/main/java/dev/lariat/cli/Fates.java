package dev.lariat.cli;

import dev.lariat.live.Delivery;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What has become of each message of the input. One that was not delivered is told as soon as that
 * is known, and all of them together at the end.
 */
final class Fates {
  private static final int TOLD = 10; // of those that are lost together
  private static final int LENGTH = 40; // of a message's beginning, by which a person knows it

  private final Wire wire;
  private final Consumer<String> notice;
  private final Runnable changed;

  // under the lock
  private final Deque<String> news = new ArrayDeque<>();
  private final Ranges dropped = new Ranges();
  private final Ranges unknown = new Ranges();
  private final Ranges unanswered = new Ranges();
  private long sent;
  private long pending;
  private int told;

  /**
   * Nothing is sent yet.
   *
   * @param notice shows a line; called on a thread that may block
   * @param changed told when a message is pending no more; must not block
   */
  Fates(Wire wire, Consumer<String> notice, Runnable changed) {
    this.wire = wire;
    this.notice = notice;
    this.changed = changed;
  }

  /** Sends the next message of the input; blocks while the outbox is full. */
  void send(Frame frame) {
    long number;
    synchronized (this) {
      number = ++sent;
      pending++;
    }
    Delivery delivery;
    try {
      delivery = wire.deliver(frame);
    } catch (RuntimeException e) {
      settled(number, frame, Delivery.State.DROPPED);
      throw e;
    }
    delivery.settled().thenAccept(done -> settled(number, frame, done.state()));
  }

  private void settled(long number, Frame frame, Delivery.State state) {
    synchronized (this) {
      pending--;
      if (state == Delivery.State.WRITTEN) {
        unanswered.add(number);
      } else {
        (state == Delivery.State.DROPPED ? dropped : unknown).add(number);
        report(number, frame, state);
      }
    }
    changed.run();
  }

  /** Why is said by the line on the session's loss, or by the last sentence. */
  private void report(long number, Frame frame, Delivery.State state) {
    if (++told > TOLD) {
      return; // the ranges at the end have them all
    }
    news.add(
        state == Delivery.State.DROPPED
            ? Line.line("Dropped", name(number, frame) + " was not sent")
            : Line.line("Unknown", name(number, frame) + " may or may not have arrived"));
    if (told == TOLD) {
      news.add(Line.line("", "the same applies to some later messages"));
    }
    Thread.startVirtualThread(this::tell); // this one is the event loop's
  }

  /** Shows what is new. */
  void tell() {
    for (String line = next(); line != null; line = next()) {
      notice.accept(line);
    }
  }

  private synchronized @Nullable String next() {
    return news.poll();
  }

  private static String name(long number, Frame frame) {
    String text = frame instanceof Text(var content) ? Line.plain(content) : "";
    if (text.isEmpty()) {
      return "message " + number;
    }
    boolean whole = text.codePointCount(0, text.length()) <= LENGTH;
    String shown = whole ? text : text.substring(0, text.offsetByCodePoints(0, LENGTH)) + "…";
    return "message " + number + ", \"" + shown + "\",";
  }

  /** Something came from the server. */
  synchronized void heard() {
    unanswered.clear();
    told = 0;
  }

  /** Which messages were written since something came from the server; null for none. */
  synchronized @Nullable String unanswered() {
    if (unanswered.isEmpty()) {
      return null;
    }
    String which = unanswered.toString();
    unanswered.clear();
    return which;
  }

  /** Whether it is known of each message what has become of it. */
  synchronized boolean areKnown() {
    return pending == 0;
  }

  /** What was not delivered; null if everything was. */
  synchronized @Nullable String sentence() {
    if (dropped.isEmpty() && unknown.isEmpty()) {
      return null;
    }
    String first = dropped.isEmpty() ? "" : "Not delivered: " + dropped + ".";
    String second = unknown.isEmpty() ? "" : "Possibly not delivered: " + unknown + ".";
    return (first + " " + second).strip();
  }
}
