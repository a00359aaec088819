package dev.lariat.bench;

import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Many threads that send on one WebSocket: what they do together beside what one does alone, and
 * how long they wait for room. All send the same number of messages in all, to an echo server, and
 * a run ends when the last echo is there. A send waits if {@code trySend} has no room; the longest
 * wait of a round should be less than 100 times its mean wait, or somebody starves.
 */
final class Senders {
  private static final int TOTAL = 1_000_000;
  private static final int ROUNDS = 3;
  private static final Bytes MESSAGE = Bytes.wrap(new byte[64]);

  /** Who sends. */
  private enum Crowd {
    ONE("one thread", 1, Thread.ofPlatform()),
    PLATFORM("64 platform threads", 64, Thread.ofPlatform()),
    VIRTUAL("1,000 virtual threads", 1000, Thread.ofVirtual()),
    MANY("10,000 virtual threads", 10_000, Thread.ofVirtual());

    final String label;
    final int threads;
    final Thread.Builder builder;

    Crowd(String label, int threads, Thread.Builder builder) {
      this.label = label;
      this.threads = threads;
      this.builder = builder;
    }
  }

  /** How long sends waited, in nanoseconds. */
  private static final class Waits {
    private long count;
    private long sum;
    private long longest;

    void add(long wait) {
      count++;
      sum += wait;
      longest = Math.max(longest, wait);
    }

    synchronized void addAll(Waits others) {
      count += others.count;
      sum += others.sum;
      longest = Math.max(longest, others.longest);
    }

    double mean() {
      return count == 0 ? 0 : sum / (double) count;
    }

    /** How many times the mean wait the longest one is. */
    double spread() {
      return count == 0 ? 0 : longest / mean();
    }
  }

  private record Measured(double rate, Waits waits) {}

  private Senders() {}

  /** The argument is the port of a server that echoes. */
  public static void main(String[] args) throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + args[0]);
    measure(uri, Crowd.ONE); // past the compiler
    measure(uri, Crowd.PLATFORM);
    measure(uri, Crowd.VIRTUAL);
    double one = 0;
    System.out.printf(
        "%-24s %12s %6s %9s %13s %16s %13s%n",
        "senders",
        "messages/s",
        "ratio",
        "waited %",
        "mean wait ms",
        "longest wait ms",
        "longest/mean");
    for (Crowd crowd : Crowd.values()) {
      List<Measured> rounds = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        rounds.add(measure(uri, crowd));
      }
      rounds.sort(Comparator.comparingDouble(Measured::rate));
      double rate = rounds.get(ROUNDS / 2).rate;
      one = crowd == Crowd.ONE ? rate : one;
      Waits worst =
          Collections.max(rounds, Comparator.comparingDouble(round -> round.waits.spread())).waits;
      System.out.printf(
          "%-24s %,12.0f %6.2f %9.2f %13.2f %16.1f %13.1f%n",
          crowd.label,
          rate,
          rate / one,
          100.0 * worst.count / TOTAL,
          worst.mean() / 1e6,
          worst.longest / 1e6,
          worst.spread());
    }
  }

  private static Measured measure(URI uri, Crowd crowd) throws Exception {
    Echoes echoes = new Echoes();
    try (var connection = Lariat.open(uri, echoes)) {
      WebSocket socket = connection.webSocket("/echo");
      echoes.open.get(10, TimeUnit.SECONDS);
      Waits waits = new Waits();
      CountDownLatch start = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < crowd.threads; t++) {
        threads.add(crowd.builder.start(() -> send(socket, TOTAL / crowd.threads, start, waits)));
      }
      long begin = System.nanoTime();
      start.countDown();
      echoes.all.get(120, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - begin) / 1e9;
      for (Thread thread : threads) {
        thread.join();
      }
      return new Measured(TOTAL / seconds, waits);
    }
  }

  private static void send(WebSocket socket, int messages, CountDownLatch start, Waits waits) {
    try {
      start.await();
    } catch (InterruptedException e) {
      return;
    }
    Binary message = new Binary(MESSAGE);
    Waits own = new Waits();
    for (int i = 0; i < messages; i++) {
      if (!socket.trySend(message)) {
        long before = System.nanoTime();
        socket.send(message);
        own.add(System.nanoTime() - before);
      }
    }
    waits.addAll(own);
  }

  private static final class Echoes implements Receiver {
    final CompletableFuture<Void> open = new CompletableFuture<>();
    final CompletableFuture<Void> all = new CompletableFuture<>();
    private int count;

    @Override
    public void receive(Message message) {
      switch (message) {
        case WebSocketFrame(var stream, Binary(var bytes)) -> {
          if (++count == TOTAL) {
            all.complete(null);
          }
        }
        case WebSocketFrame(var stream, Text(var text)) -> {}
        case Upgraded upgraded -> open.complete(null);
        case Message.OfStream other when other.ends() -> {
          open.completeExceptionally(new IllegalStateException(other.toString()));
          all.completeExceptionally(new IllegalStateException(other.toString()));
        }
        default -> {}
      }
    }
  }
}
