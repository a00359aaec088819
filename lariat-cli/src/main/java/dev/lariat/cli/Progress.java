package dev.lariat.cli;

import java.util.Locale;
import java.util.OptionalLong;

/** How far a transfer is: a line on a terminal, from its first second on. */
final class Progress {
  private static final long FIRST = 1_000_000_000L;
  private static final long EACH = 200_000_000L;
  private static final int WIDTH = 24;

  private final Io io;
  private final boolean shown;
  private final String what;
  private final OptionalLong total;
  private final long start = System.nanoTime();
  private long next = start + FIRST;
  private long done;
  private boolean visible;

  /**
   * Nothing is done yet.
   *
   * @param what is transferred, in a word
   */
  Progress(Io io, boolean shown, String what, OptionalLong total) {
    this.io = io;
    this.shown = shown;
    this.what = what;
    this.total = total;
  }

  void add(long bytes) {
    done += bytes;
    long now = System.nanoTime();
    if (shown && now >= next) {
      next = now + EACH;
      visible = true;
      io.err().print("\r" + line(what, done, total, now - start) + "\u001b[K");
      io.err().flush();
    }
  }

  /** Removes the line. */
  void end() {
    if (visible) {
      visible = false;
      io.err().print("\r\u001b[K");
      io.err().flush();
    }
  }

  static String line(String what, long done, OptionalLong total, long nanos) {
    double rate = done / Math.max(1e-9, nanos / 1e9);
    StringBuilder line = new StringBuilder(what).append(' ');
    if (total.isPresent() && total.getAsLong() > 0) {
      double part = Math.min(1, done / (double) total.getAsLong());
      int full = (int) (part * WIDTH);
      line.append('[').repeat("=", full).repeat(" ", WIDTH - full).append("] ");
      line.append(String.format(Locale.ROOT, "%3d%% ", (int) (part * 100)));
    }
    line.append(size(done));
    if (total.isPresent()) {
      line.append(" of ").append(size(total.getAsLong()));
    }
    line.append(", ").append(size((long) rate)).append("/s");
    if (total.isPresent() && rate > 0) {
      long left = (long) Math.ceil(Math.max(0, total.getAsLong() - done) / rate);
      line.append(String.format(Locale.ROOT, ", %d:%02d left", left / 60, left % 60));
    }
    return line.toString();
  }

  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double size = bytes;
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    int unit = -1;
    do {
      size /= 1024;
      unit++;
    } while (size >= 1024 && unit < units.length - 1);
    return String.format(Locale.ROOT, "%.1f %s", size, units[unit]);
  }
}
