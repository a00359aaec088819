package dev.lariat.it.fuzzing;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of one WebSocket, and the notes that it takes for the verdict.
 *
 * <p>It is <b>open</b> until a close frame goes either way, and <b>over</b> when the client's close
 * frame or the end of the connection has come.
 */
final class Link {
  private static final int NORMAL = 1000;

  private final Socket socket;
  private final Optional<Squeezer> squeezer;
  private final BlockingQueue<Heard> arriving = new LinkedBlockingQueue<>();
  private final List<Heard> heard = new ArrayList<>();

  private boolean closedByServer; // it sent its close frame first
  private boolean clean; // both close frames were exchanged
  private boolean over;
  private boolean ended;
  private OptionalInt clientCode = OptionalInt.empty();
  private String violation = "";

  /** A WebSocket whose handshake is done. */
  Link(Socket socket, InputStream in, Optional<Terms> compression) {
    this.socket = socket;
    this.squeezer = compression.map(Squeezer::new);
    Thread.ofVirtual().start(new Ear(in, compression.map(TrackingInflater::new), arriving));
  }

  // ---- sending

  /** Sends these octets in one piece. */
  void send(byte[] octets) {
    send(octets, Math.max(1, octets.length));
  }

  /** Sends these octets in pieces of this size. */
  void send(byte[] octets, int chop) {
    try {
      for (int from = 0; from < octets.length; from += chop) {
        socket.getOutputStream().write(octets, from, Math.min(chop, octets.length - from));
      }
    } catch (IOException e) {
      // the client is gone, of which the ear tells
    }
  }

  /** Sends a message, compressed where that was agreed. */
  void message(boolean binary, byte[] payload, int fragment) {
    byte[] carried = squeezer.map(squeezing -> squeezing.squeeze(payload)).orElse(payload);
    send(Frame.message(binary, squeezer.isPresent() ? 4 : 0, carried, fragment));
  }

  /** Begins the close handshake. */
  void close(int code) {
    send(Frame.close(code, "").octets());
    closeSent();
  }

  /** Notes that a script has sent a close frame itself. */
  void closeSent() {
    closedByServer = true;
  }

  // ---- hearing

  /** Waits for the next thing and notes it; false when nothing comes in time. */
  boolean await(Duration patience) {
    Optional<Heard> next = poll(patience);
    next.ifPresent(this::note);
    return next.isPresent();
  }

  private Optional<Heard> poll(Duration patience) {
    try {
      return Optional.ofNullable(arriving.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a server", e);
    }
  }

  private void note(Heard next) {
    switch (next.kind()) {
      case TEXT, BINARY, PING, PONG, SILENCE -> heard.add(next);
      case CLOSE -> {
        over = true;
        clean = true;
        if (next.payload().remaining() > 0) {
          clientCode = OptionalInt.of(next.payload().getShort(0) & 0xffff);
        }
        if (!closedByServer) {
          send(Frame.close(NORMAL, "").octets());
        }
      }
      case END -> {
        over = true;
        ended = true;
        violation = next.words();
      }
    }
  }

  /** Notes what comes for this long, as long as the link is open; says at last that it was. */
  void silence(Optional<String> name, Duration length) {
    long start = System.nanoTime();
    Duration left = length;
    while (open() && left.isPositive()) {
      await(left);
      left = length.minusNanos(System.nanoTime() - start);
    }
    if (open()) {
      name.map(Heard::silence).ifPresent(this::note);
    }
  }

  /** Ends the connection, the server first (RFC 6455 section 7.1.1). */
  void finish(Duration patience) {
    try {
      if (violation.isEmpty()) {
        socket.shutdownOutput();
      } else {
        socket.close();
      }
    } catch (IOException e) {
      // it had ended
    }
    if (!ended) {
      poll(patience);
    }
  }

  // ---- what was noted

  boolean open() {
    return !closedByServer && !over;
  }

  boolean over() {
    return over;
  }

  boolean closedByServer() {
    return closedByServer;
  }

  boolean clean() {
    return clean;
  }

  boolean compresses() {
    return squeezer.isPresent();
  }

  /** The client's close code, where it sent one. */
  OptionalInt clientCode() {
    return clientCode;
  }

  /** The rule that the client broke, or nothing. */
  String violation() {
    return violation;
  }

  /** What was heard so far; a case that hears much may empty it. */
  List<Heard> heard() {
    return heard;
  }
}
