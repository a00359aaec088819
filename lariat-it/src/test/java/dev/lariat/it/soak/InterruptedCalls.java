package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.Supervisor;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Those who ask and wait for the answer, while they are interrupted. */
final class InterruptedCalls {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(10);

  private InterruptedCalls() {}

  /** Answers with the target, in pieces. */
  private static void repeats(Visit visit) throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(visit.number());
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.pause(Part.moment(random, 0, 4));
      Reply reply = visit.beginChunked(200, Headers.EMPTY);
      for (String word : asked.target().split("(?<=/)")) {
        reply.write(word);
        visit.pause(Part.moment(random, 0, 2));
      }
      reply.end();
    }
  }

  /** Asks one question after the other, each another. */
  private abstract static class Questions implements Victim.Task {
    private final Origin origin = Origin.start(InterruptedCalls::repeats);
    final Connection connection = Lariat.open("127.0.0.1", origin.port());
    private int number;
    private String answer;

    abstract String ask(String target) throws Exception;

    @Override
    public void play(Victim victim) throws Exception {
      String target = "/" + ++number + "/a/b/c";
      answer = "";
      if (victim.calls(() -> answer = ask(target)) && !answer.equals(target)) {
        victim.complain(target + " was answered by " + answer);
      }
    }

    @Override
    public void end() throws Exception {
      connection.close();
      origin.close();
    }
  }

  /** {@code Exchange.response}, and then the body in all its forms. */
  static Victim.Task responses(Ledger ledger) throws IOException {
    Path file = Files.createTempFile("soak", ".txt");
    return new Questions() {
      private int turn;

      @Override
      String ask(String target) throws IOException {
        Exchange exchange = connection.get(target);
        exchange.response(PATIENCE);
        return switch (turn++ % 4) {
          case 0 -> exchange.text(PATIENCE);
          case 1 -> exchange.body(PATIENCE).utf8();
          case 2 -> {
            try (Stream<String> lines = exchange.lines(PATIENCE)) {
              yield lines.collect(Collectors.joining());
            }
          }
          default -> {
            exchange.download(file, PATIENCE);
            yield Files.readString(file);
          }
        };
      }

      @Override
      public void end() throws Exception {
        super.end();
        Files.delete(file);
      }
    };
  }

  /** The body as an {@code InputStream}. */
  static Victim.Task streams(Ledger ledger) {
    return new Questions() {
      @Override
      String ask(String target) throws IOException {
        try (InputStream in = connection.get(target).inputStream(PATIENCE)) {
          return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    };
  }

  /** {@code Caller.get}. */
  static Victim.Task calls(Ledger ledger) {
    return new Questions() {
      private final Caller caller = Caller.on(connection);

      @Override
      String ask(String target) {
        return caller.get(target, PATIENCE).text();
      }
    };
  }

  /** Those that wait for a beginning or an end, which do not come. */
  static Victim.Task awaits(Ledger ledger) {
    Origin origin = Origin.start(visit -> visit.awaitEnd()); // it never accepts a WebSocket
    Connection up = Lariat.open("127.0.0.1", origin.port());
    Connection down = Lariat.open("127.0.0.1", 1);
    LiveWebSocket live = LiveWebSocket.to(origin.uri("ws", "/")).open();
    return new Victim.Task() {
      private int turn;

      @Override
      public void play(Victim victim) throws Exception {
        try {
          victim.calls(
              () ->
                  switch (turn++ % 6) {
                    case 0 -> up.awaitTermination(MOMENT);
                    case 1 -> down.awaitUp(MOMENT);
                    case 2 -> live.awaitOpen(MOMENT);
                    case 3 -> live.awaitTermination(MOMENT);
                    case 4 -> Lariat.awaitTermination(MOMENT);
                    default -> up.awaitUp(PATIENCE);
                  });
        } catch (FailedException e) {
          if (!(e.reason() instanceof Reason.Timeout || e.reason() instanceof Reason.Refused)) {
            throw e;
          }
        }
      }

      @Override
      public void end() {
        up.close();
        down.close();
        live.close();
        origin.close();
      }
    };
  }

  /** {@code Supervisor.join}, {@code terminate} and {@code close}. */
  static Victim.Task supervises(Ledger ledger) {
    return new Victim.Task() {
      @Override
      public void play(Victim victim) throws Exception {
        AtomicBoolean runs = new AtomicBoolean();
        Supervisor supervisor = Supervisor.open();
        supervisor.start(
            Child.of(
                "slow",
                scope -> {
                  runs.set(true);
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    try {
                      Part.pause(Duration.ofMillis(3));
                    } finally {
                      runs.set(false);
                    }
                  }
                }));
        victim.calls(() -> supervisor.join(Duration.ofMillis(3)));
        victim.calls(
            () -> {
              supervisor.terminate("slow");
              return null;
            });
        victim.calls(
            () -> {
              supervisor.close(); // waits, whatever interrupts it
              return null;
            });
        if (runs.get()) {
          victim.complain("the supervisor has ended before its child");
        }
      }

      @Override
      public void end() {}
    };
  }
}
