package dev.lariat.examples;

import dev.lariat.FailedException;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Restart;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.ChildInfo;
import dev.lariat.supervision.Scope;
import dev.lariat.supervision.Supervisor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Counts the apples that a server reports, in a task that fails on some messages. When it throws,
 * the supervisor closes its connection and runs it again with a new one.
 */
public final class Supervised {
  private Supervised() {}

  /** Arguments: host and port of an echo server, and its path for WebSockets. */
  public static void main(String[] arguments) throws InterruptedException {
    String uri = "ws://" + arguments[0] + ":" + arguments[1] + arguments[2];
    CountDownLatch counted = new CountDownLatch(1);
    Supervision options = Supervision.DEFAULT.intensity(3).period(Duration.ofMinutes(1));

    try (Supervisor supervisor = Supervisor.open(options)) {
      supervisor.start(
          Child.of("apples", scope -> count(uri, scope, counted)).restart(Restart.TRANSIENT));
      counted.await();
      history(supervisor);
    }
    giveUp();
  }

  /** A task. What it opens is closed when it ends, for any reason. */
  private static void count(String uri, Scope scope, CountDownLatch counted) {
    LiveWebSocket feed = LiveWebSocket.to(uri).open();
    feed.send(new Text(scope.restarts() == 0 ? "some" : "7"));
    for (Frame frame : feed) {
      if (frame instanceof Text(var apples)) {
        System.out.println("run " + scope.restarts() + ": " + apples);
        System.out.println(Integer.parseInt(apples) + " apples");
        counted.countDown();
      }
    }
  }

  /** Prints the history of the children. */
  private static void history(Supervisor supervisor) {
    for (ChildInfo child : supervisor.children()) {
      System.out.println(child.id() + ": " + child.state() + ", restarts: " + child.restarts());
      for (ChildInfo.End end : child.ends()) {
        System.out.println(
            "  " + end.ending() + ": " + end.thrown().map(Throwable::getMessage).orElse(""));
      }
    }
  }

  /** A child that keeps failing ends its supervisor. */
  private static void giveUp() throws InterruptedException {
    try (Supervisor supervisor = Supervisor.open()) {
      supervisor.start(
          Child.of(
              "hopeless",
              scope -> {
                throw new IllegalStateException("again");
              }));
      supervisor.join();
    } catch (FailedException e) {
      System.out.println(e.reason().sentence());
    }
  }
}
