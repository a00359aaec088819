package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Message;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Those who read what a server counts, while they are interrupted. */
final class InterruptedReaders {
  private InterruptedReaders() {}

  /** Sends 1, 2, 3 and so on, with a pause of some milliseconds now and then. */
  private static void counts(Visit visit) throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(visit.number());
    WebSocketVisit socket = visit.acceptWebSocket();
    for (int number = 1; ; number++) {
      socket.send(new Text(Integer.toString(number)));
      if (random.nextBoolean()) {
        visit.pause(Part.moment(random, 1, 5));
      }
    }
  }

  private static int number(String text, int before, Victim victim) {
    int number = Integer.parseInt(text);
    if (number != before + 1) {
      victim.complain(number + " came after " + before);
    }
    return number;
  }

  /** {@code Mailbox.take}, with a time and without, and {@code await}. */
  static Victim.Task takes(Ledger ledger) {
    Origin origin = Origin.start(InterruptedReaders::counts);
    Mailbox mailbox = Mailbox.bounded(50);
    Connection connection = Lariat.open("127.0.0.1", origin.port(), mailbox);
    WebSocket socket = connection.webSocket("/");
    Duration moment = Duration.ofMillis(3);
    return new Victim.Task() {
      private int turn;
      private int last;
      private Message message;

      @Override
      public void play(Victim victim) throws Exception {
        message = null;
        victim.calls(
            () ->
                message =
                    switch (turn++ % 3) {
                      case 0 -> mailbox.take();
                      case 1 -> mailbox.take(moment);
                      default -> mailbox.await(socket, moment);
                    });
        if (message instanceof WebSocketFrame(var stream, Text(var text))) {
          last = number(text, last, victim);
        }
      }

      @Override
      public void end() {
        connection.close();
        origin.close();
      }
    };
  }

  /** The iterator of a {@code LiveWebSocket}. */
  static Victim.Task frames(Ledger ledger) {
    Origin origin = Origin.start(InterruptedReaders::counts);
    LiveWebSocket live = LiveWebSocket.to(origin.uri("ws", "/")).open();
    return iterates(live, frame -> ((Text) frame).text(), live, origin);
  }

  /** The iterator of a {@code LiveEvents}. */
  static Victim.Task events(Ledger ledger) {
    Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              EventStream events = visit.events();
              for (int number = 1; ; number++) {
                events.send(Integer.toString(number), Integer.toString(number));
                visit.pause(Duration.ofMillis(number % 3));
              }
            });
    LiveEvents live = LiveEvents.to(origin.uri("http", "/")).open();
    return iterates(live, ServerSentEvent::data, live, origin);
  }

  private static <T> Victim.Task iterates(
      Iterable<T> all, Function<T, String> number, AutoCloseable... opened) {
    return new Victim.Task() {
      private Iterator<T> iterator = all.iterator();
      private int last;
      private T next;

      @Override
      public void play(Victim victim) throws Exception {
        if (victim.calls(() -> next = iterator.next())) {
          last = number(number.apply(next), last, victim);
        } else {
          iterator = all.iterator(); // goes on where that one has stopped
        }
      }

      @Override
      public void end() throws Exception {
        for (AutoCloseable one : opened) {
          one.close();
        }
      }
    };
  }
}
