package dev.lariat;

import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Up;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The mailbox alone, put to and read by one thread: what a message costs without the hop. It stands
 * in the mailbox's package to put batches, as a connection does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MailboxBenchmark {
  private static final int BATCH = 256;

  private final Mailbox mailbox = Mailbox.create();
  private final Message message = new Up(new Nowhere(), Protocol.WEBSOCKET);
  private final Message[] batch = new Message[BATCH];

  private record Nowhere() implements ConnectionRef {
    @Override
    public String authority() {
      return "nowhere:1";
    }
  }

  @Benchmark
  public Message one() throws InterruptedException {
    mailbox.receive(message);
    return mailbox.take();
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void batch(Blackhole blackhole) throws InterruptedException {
    Arrays.fill(batch, message);
    mailbox.inbox(ThisMachine.THIS).put(batch, BATCH);
    for (int i = 0; i < BATCH; i++) {
      blackhole.consume(mailbox.take());
    }
  }
}
