package dev.lariat.fleet;

import dev.lariat.message.Text;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a server of numbered events says. A WebSocket asks for those after a position by {@code
 * ?after=}, by the header {@code x-after} or by its first text, and a stream of server-sent events
 * by {@code Last-Event-ID}.
 */
final class Numbered {
  private final Lock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final List<String> asked = new ArrayList<>(); // what each session asked for
  private long published;

  /** Has events up to this number. */
  void publish(long number) {
    lock.lock();
    try {
      published = number;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What each session has asked for, so far. */
  List<String> asked() {
    lock.lock();
    try {
      return List.copyOf(asked);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many sessions have asked. */
  void awaitAsked(int sessions) throws InterruptedException {
    lock.lock();
    try {
      while (asked.size() < sessions) {
        more.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void heard(String what) {
    lock.lock();
    try {
      asked.add(what);
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean await(long number) throws InterruptedException {
    lock.lock();
    try {
      while (published < number) {
        more.await();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** By the query or a header. */
  Script webSockets() {
    return visit -> {
      var request = visit.head();
      if (request == null) {
        return;
      }
      String target = request.target();
      heard(target + request.headers().first("x-after").map(its -> " after " + its).orElse(""));
      int at = target.indexOf("after=");
      String after =
          at >= 0 ? target.substring(at + 6) : request.headers().first("x-after").orElse("0");
      send(visit.acceptWebSocket(), Long.parseLong(after));
    };
  }

  /** By the first text. */
  Script commanded() {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      if (socket.receive() instanceof Text(var text)) {
        heard(text);
        send(socket, Long.parseLong(text.substring("after ".length())));
      }
    };
  }

  private void send(WebSocketVisit socket, long after) throws IOException {
    Thread sender = Thread.startVirtualThread(() -> sendAll(socket, after));
    try {
      while (socket.receive() != null) {} // until it has answered the close frame
    } finally {
      sender.interrupt();
    }
  }

  private void sendAll(WebSocketVisit socket, long after) {
    try {
      for (long number = after + 1; await(number); number++) {
        socket.send(new Text("{\"seq\":" + number + "}"));
      }
    } catch (IOException | InterruptedException e) {
      // the session has ended
    }
  }

  Script events() {
    return visit -> {
      var request = visit.request();
      if (request == null) {
        return;
      }
      String after = request.headers().first("last-event-id").orElse("0");
      heard(after);
      sendEvents(visit, Long.parseLong(after));
    };
  }

  private void sendEvents(Visit visit, long after) throws IOException, InterruptedException {
    EventStream events = visit.events();
    for (long number = after + 1; await(number); number++) {
      events.send(Long.toString(number), "event " + number);
    }
  }
}
