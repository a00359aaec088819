package dev.lariat.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.NewJava;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Java that has one processor, whose one carrier of virtual threads a child keeps for itself. */
@Timeout(60)
class OneProcessorTest {
  @Test
  void supervisionGoesOnWhileAChildComputesOnTheOnlyProcessor() throws Exception {
    assertThat(NewJava.lines(Program.class, "-XX:ActiveProcessorCount=1"))
        .containsExactly(
            "1 processor",
            "TERMINATED, abandoned: 1",
            "what it owned is closed on a platform thread: true",
            "over");
  }

  /** What runs there. */
  static final class Program {
    private static final CountDownLatch BEGUN = new CountDownLatch(1);
    private static final CountDownLatch CLOSED = new CountDownLatch(1);
    private static volatile boolean apart;

    private Program() {}

    private static void compute(Scope scope) {
      scope.own(
          () -> {
            apart = !Thread.currentThread().isVirtual();
            CLOSED.countDown();
          });
      BEGUN.countDown();
      while (true) {
        Thread.onSpinWait(); // never gives its carrier back, and heeds no interrupt
      }
    }

    public static void main(String[] args) throws Exception {
      Supervisor supervisor = Supervisor.open();
      supervisor.start(Child.of("greedy", Program::compute).shutdown(Duration.ofMillis(50)));
      BEGUN.await();
      System.out.println(Runtime.getRuntime().availableProcessors() + " processor");
      supervisor.terminate("greedy");
      ChildInfo greedy = supervisor.children().getFirst();
      System.out.println(greedy.state() + ", abandoned: " + greedy.abandoned());
      CLOSED.await();
      System.out.println("what it owned is closed on a platform thread: " + apart);
      supervisor.close();
      System.out.println("over");
      Runtime.getRuntime().halt(0); // the child computes on
    }
  }
}
