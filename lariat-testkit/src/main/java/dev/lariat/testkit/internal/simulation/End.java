package dev.lariat.testkit.internal.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One end of a simulated connection: a socket as the kernel has it. What it sends arrives at the
 * other end in order, after a while, like TCP's segments. It may have sent so much that the other
 * end has not read, and no more.
 *
 * <p>What is lost in a partition is sent again, as TCP does, and so arrives when the partition is
 * healed. A RST is sent once: it overtakes what was sent before, which is dropped with all that the
 * other end has not read; and where it is lost, the other end learns of the end only when it sends
 * something itself.
 *
 * <p>Each direction ends once, so an end has no single state. Its output is open until {@code
 * outputEnded}, its input until {@code inputEnded}; {@code broken} ends both from outside, and
 * {@code closed} ends both from here. A connection is over when each end is broken or closed.
 */
final class End {
  private static final int WINDOW = 64 << 10;
  private static final int PIECES_PER_SECOND = 20; // of a slow connection: so it trickles
  private static final int MAX_PIECES = 8; // of what is sent at once and arrives in pieces

  /** Who uses this end. */
  interface User {

    /** There is something to read: bytes, the end of them, or that the connection is broken. */
    void readable();

    /** There is room to write, or the connection is broken. */
    void writable();
  }

  private final Cable cable;

  /** Whether what is sent here goes up, to the origin. */
  private final boolean up;

  /** Who uses this end; nobody at first. */
  private User user = NOBODY;

  // ---- what is sent

  /** How many bytes were sent and not read by the other end, as far as is known here. */
  private int unread;

  /** Whether a FIN was sent, or a RST: nothing more is sent. */
  private boolean outputEnded;

  /** Whether the user has let go of this end: what comes is not read any more. */
  private boolean closed;

  /** Until when a slow way is busy with what was sent before. */
  private long busyUntil;

  /** When what was sent last arrives: what is sent now does not arrive before it. */
  private long lastArrival;

  /** What was lost in a partition and is sent again when it is healed, the oldest first. */
  private final List<byte[]> lost = new ArrayList<>(0);

  /** How many bytes the other end has read of which no word has come back yet. */
  private int acknowledged;

  /** Whether word of what the other end has read is on its way to this end. */
  private boolean acknowledging;

  // ---- what is received

  /** The bytes that have arrived and were not read. */
  private final ByteQueue received = new ByteQueue();

  /** Whether a FIN has arrived: no more bytes come. */
  private boolean inputEnded;

  /** Whether a RST has arrived, or something on the way broke the connection. */
  private boolean broken;

  /** The piece that comes after all bytes; it is known by its identity. */
  private static final byte[] FIN = new byte[0];

  private static final User NOBODY =
      new User() {
        @Override
        public void readable() {}

        @Override
        public void writable() {}
      };

  End(Cable cable, boolean up) {
    this.cable = cable;
    this.up = up;
  }

  private End other() {
    return cable.other(this);
  }

  private Scheduler scheduler() {
    return cable.scheduler();
  }

  void usedBy(User user) {
    this.user = user;
  }

  // ---- sending

  /** How many bytes can be sent now. */
  int room() {
    return WINDOW - unread;
  }

  boolean isBroken() {
    return broken;
  }

  boolean isClosed() {
    return closed;
  }

  boolean hasEndedOutput() {
    return outputEnded;
  }

  /** Sends bytes for which there is room, and which do not change any more. */
  void send(byte[] bytes) {
    unread += bytes.length;
    scheduler().note(this, "sends", bytes.length);
    for (byte[] piece : pieces(bytes)) {
      transmit(piece);
    }
  }

  private List<byte[]> pieces(byte[] bytes) {
    Conditions way = cable.conditions();
    int largest = bytes.length;
    if (way.bytesPerSecond > 0) {
      largest = (int) Math.max(1, Math.min(largest, way.bytesPerSecond / PIECES_PER_SECOND));
    }
    if (!way.split && largest >= bytes.length) {
      return List.of(bytes);
    }
    List<byte[]> pieces = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int left = bytes.length - at;
      int size = Math.min(left, largest);
      if (way.split && pieces.size() % MAX_PIECES != MAX_PIECES - 1) {
        size = 1 + (int) scheduler().chance(size);
      }
      pieces.add(Arrays.copyOfRange(bytes, at, at + size));
      at += size;
    }
    return pieces;
  }

  private void transmit(byte[] piece) {
    Conditions way = cable.conditions();
    long now = scheduler().now();
    if (way.bytesPerSecond > 0) {
      long takes = (long) (piece.length * 1e9 / way.bytesPerSecond);
      busyUntil = Math.max(busyUntil, now) + takes;
    }
    lastArrival = Math.max(lastArrival, Math.max(busyUntil, now) + cable.delay());
    scheduler().at(lastArrival, () -> arrives(piece));
  }

  private void arrives(byte[] piece) {
    if (cable.conditions().lost(up) || !lost.isEmpty()) {
      if (lost.isEmpty()) {
        scheduler().note(this, "lost", piece.length);
      }
      lost.add(piece);
    } else {
      other().receive(piece);
    }
  }

  /** The partition is healed: what was lost is sent again. */
  void healed() {
    if (!lost.isEmpty()) {
      scheduler()
          .at(
              scheduler().now() + cable.delay(),
              () -> {
                if (cable.conditions().lost(up)) {
                  return; // again
                }
                List<byte[]> again = List.copyOf(lost);
                lost.clear();
                again.forEach(other()::receive);
              });
    }
    if (acknowledged > 0 && !acknowledging) {
      acknowledge();
    }
  }

  /** Ends this side behind what was sent. */
  void endOutput() {
    if (!outputEnded && !broken) {
      outputEnded = true;
      scheduler().note(this, "sends FIN");
      transmit(FIN);
    }
  }

  /** Closes the socket: with a FIN, or with a RST where something was not read (RFC 9293, 3.6). */
  void close() {
    if (closed) {
      return;
    }
    if (received.size() > 0) {
      reset();
    } else {
      endOutput();
      closed = true;
      cable.closed();
    }
  }

  /** Closes the socket with a RST. */
  void reset() {
    if (closed) {
      return;
    }
    closed = true;
    outputEnded = true;
    received.clear();
    if (!broken) {
      sendReset();
    }
    cable.closed();
  }

  private void sendReset() {
    scheduler().note(this, "sends RST");
    scheduler()
        .at(
            scheduler().now() + cable.delay(),
            () -> {
              if (cable.conditions().lost(up)) {
                scheduler().note(this, "lost RST");
              } else {
                other().breaks();
              }
            });
  }

  // ---- receiving

  private void receive(byte[] piece) {
    if (broken) {
      return;
    }
    if (closed) {
      if (piece != FIN) {
        sendReset(); // nobody reads it any more
      }
      return;
    }
    if (piece == FIN) {
      scheduler().note(this, "receives FIN");
      inputEnded = true;
    } else {
      scheduler().note(this, "receives", piece.length);
      received.add(piece);
    }
    user.readable();
  }

  /** The connection is broken; nothing that came before counts any more. */
  void breaks() {
    if (!broken) {
      broken = true;
      scheduler().note(this, "is broken");
      received.clear();
      cable.closed();
      user.readable();
      user.writable();
    }
  }

  int available() {
    return received.size();
  }

  /** Whether nothing more comes, and all was read. */
  boolean hasEnded() {
    return broken || inputEnded && received.size() == 0;
  }

  boolean isReadable() {
    return received.size() > 0 || inputEnded || broken;
  }

  /** Reads what is there, and says how much. */
  int read(byte[] into, int at, int length) {
    int count = received.take(into, at, length);
    if (count > 0) {
      End sender = other();
      sender.acknowledged += count;
      if (!sender.acknowledging) {
        sender.acknowledge();
      }
    }
    return count;
  }

  /** Tells this end, after a while, how much of what it sent was read. */
  private void acknowledge() {
    acknowledging = true;
    scheduler()
        .at(
            scheduler().now() + cable.delay(),
            () -> {
              acknowledging = false;
              if (!cable.conditions().lost(!up)) {
                unread -= acknowledged;
                acknowledged = 0;
                user.writable();
              }
            });
  }

  /** For traces. */
  @Override
  public String toString() {
    return cable + (up ? " client" : " origin");
  }
}
