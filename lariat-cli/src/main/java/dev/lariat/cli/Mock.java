package dev.lariat.cli;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Pong;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Plays the server of a recording to each client that comes. */
final class Mock implements Script {
  private static final int UPGRADE_REQUIRED = 426;
  private static final int UNAVAILABLE = 503;
  private static final int POLICY = 1008; // RFC 6455 section 7.4.1

  private final Recording.Kind kind;
  private final List<Recording.Session> sessions;
  private final double speed;
  private final boolean loop;
  private final boolean strict;
  private final Consumer<String> notice;
  private final CountDownLatch over;

  // under the lock
  private int next;
  private boolean differs;

  Mock(Recording recording, double speed, boolean loop, boolean strict, Consumer<String> notice) {
    this.kind = recording.head().kind();
    this.sessions = recording.sessions();
    this.speed = speed;
    this.loop = loop;
    this.strict = strict;
    this.notice = notice;
    this.over = new CountDownLatch(loop ? 1 : sessions.size());
  }

  /** Waits until all sessions were played; forever if they are repeated. */
  void awaitEnd() throws InterruptedException {
    over.await();
  }

  /** Whether a client has not said what was recorded. */
  synchronized boolean differs() {
    return differs;
  }

  private synchronized Recording.@Nullable Session take() {
    if (next == sessions.size() && loop) {
      next = 0;
    }
    return next == sessions.size() ? null : sessions.get(next++);
  }

  @Override
  public void play(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (kind == Recording.Kind.WEBSOCKET && !visit.asksForWebSocket()) {
        visit.respond(
            UPGRADE_REQUIRED,
            Headers.of("upgrade", "websocket"),
            Bytes.ofUtf8("This serves a recorded WebSocket.\n"));
        continue;
      }
      Recording.Session session = take();
      if (session == null) {
        visit.respond(UNAVAILABLE, "All sessions of the recording were served.\n");
        continue;
      }
      try {
        if (kind == Recording.Kind.WEBSOCKET) {
          new Conversation(session, accepted(visit, asked, session)).play();
          return; // the connection ends with its WebSocket
        }
        events(visit, session);
      } catch (ProtocolException e) {
        difference(session, "broke a rule: " + Line.plain(String.valueOf(e.getMessage())));
        return;
      } finally {
        told("Served", session, session.passed().size() + " messages");
        if (!loop) {
          over.countDown();
        }
      }
    }
  }

  private void told(String word, Recording.Session session, String what) {
    notice.accept(Line.line(word, "session " + session.open().session() + ": " + what));
  }

  private void difference(Recording.Session session, String what) {
    synchronized (this) {
      differs = true;
    }
    told("Different", session, "the client " + what);
  }

  /** With the recorded subprotocol, if the client offers it. */
  private WebSocketVisit accepted(Visit visit, Asked asked, Recording.Session session)
      throws IOException {
    String recorded = session.open().subprotocol().orElse("");
    boolean offered =
        asked.headers().all("sec-websocket-protocol").stream()
            .flatMap(value -> Arrays.stream(value.split(",")))
            .anyMatch(name -> name.strip().equals(recorded));
    if (strict && !offered && !recorded.isEmpty()) {
      difference(session, "does not offer the subprotocol " + Line.plain(recorded) + ".");
    }
    return offered ? visit.acceptWebSocket(recorded) : visit.acceptWebSocket();
  }

  private void events(Visit visit, Recording.Session session)
      throws IOException, InterruptedException {
    Pace pace = new Pace(speed);
    EventStream stream = visit.events();
    for (Entry entry : session.passed()) {
      if (entry instanceof Entry.Event(_, var id, var name, var data)) {
        visit.pause(pace.until(session.since(entry)));
        stream.send(id, name, data);
      }
    }
    visit.pause(pace.until(session.length()));
    stream.end();
  }

  /** One session of a WebSocket. */
  private final class Conversation {
    private final Recording.Session session;
    private final WebSocketVisit socket;
    private final Pace pace = new Pace(speed);
    private final Deque<Frame> early = new ArrayDeque<>(); // what the client said, not compared yet
    private boolean over; // the client has closed or gone

    Conversation(Recording.Session session, WebSocketVisit socket) {
      this.session = session;
      this.socket = socket;
    }

    void play() throws IOException {
      boolean closed = false;
      for (Entry entry : session.passed()) {
        if (over) {
          break;
        }
        if (entry instanceof Entry.Sent(_, var frame) && strict) {
          if (!says(frame, session.since(entry))) {
            socket.close(POLICY, "not as recorded");
            return;
          }
        } else if (entry instanceof Entry.Received(_, var frame) && !(frame instanceof Pong)) {
          listen(pace.until(session.since(entry)));
          if (!over && frame instanceof Close(var code, var text)) {
            closed = true;
            close(code, text);
          } else if (!over) {
            socket.send(frame);
          }
        }
      }
      if (!over && !closed) {
        listen(pace.until(session.length()));
        end();
      }
      leftOver();
    }

    /** Whether the client says this, as soon as it says anything. */
    private boolean says(Frame recorded, Duration since) throws IOException {
      Frame said = early.poll();
      while (said == null && !over) {
        hear(socket.receive());
        said = early.poll();
      }
      pace.reached(since);
      if (recorded.equals(said)) {
        return true;
      }
      String wanted = Line.of(recorded).strip();
      difference(
          session,
          said == null
              ? "ended without: " + wanted
              : "sent: " + Line.of(said).strip() + "; recorded: " + wanted);
      return false;
    }

    /** Reads what the client says in this time, pings and a close frame among it. */
    private void listen(Duration time) throws IOException {
      long end = System.nanoTime() + time.toNanos();
      long left = time.toNanos();
      do {
        Frame frame = socket.receive(Duration.ofNanos(Math.max(0, left)));
        if (frame != null || socket.visit().clientGone()) {
          hear(frame);
        }
        left = end - System.nanoTime();
      } while (left > 0 && !over);
    }

    private void hear(@Nullable Frame frame) {
      if (frame == null || frame instanceof Close) {
        over = true;
      } else if (strict && Messages.isMessage(frame)) {
        early.add(frame);
      }
    }

    private void close(int code, String text) throws IOException {
      if (code == Close.NO_CODE) {
        socket.send(Close.EMPTY);
        while (socket.receive() != null) {
          // what the client had sent before it knew
        }
      } else {
        socket.close(code, text);
      }
    }

    /** As the recorded session ended: a loss is a loss again. */
    private void end() throws IOException {
      if (session.end() instanceof Entry.Waiting) {
        socket.end();
      } else {
        socket.close(Close.NORMAL.code(), "");
      }
    }

    private void leftOver() {
      Frame more = early.poll();
      if (more != null) {
        difference(session, "also sent: " + Line.of(more).strip());
      }
    }
  }
}
