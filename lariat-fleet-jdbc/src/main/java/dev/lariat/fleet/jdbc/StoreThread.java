package dev.lariat.fleet.jdbc;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the database, on a thread and over a connection that it keeps. A driver blocks for as
 * long as it likes. So whoever waits for an answer can give the thread up when the answer is late,
 * with its connection; then the next request has others.
 *
 * <p>It is a platform thread, since a driver that blocks in a monitor would hold up the virtual
 * threads of the fleet on Java 21.
 */
final class StoreThread implements AutoCloseable {
  private static final String NOTHING = "";
  private static final int MOST_STUCK = 4; // threads that were given up and have not ended

  private final DataSource source;
  private final String name;
  private final String prefix;
  private final int timeoutSeconds;
  private final AtomicInteger stuck = new AtomicInteger();

  private final Lock lock = new ReentrantLock();
  private @Nullable Line line; // under the lock

  /** What is asked of the database. */
  interface Work<T> {
    T execute(Sql sql) throws SQLException, IOException;
  }

  private record Task<T>(Work<T> work, CompletableFuture<T> answer) {
    void execute(Sql sql) throws SQLException, IOException {
      answer.complete(work.execute(sql));
    }
  }

  /**
   * @param name of the threads
   * @param prefix of the tables
   * @param timeout how long the database may work at one statement
   */
  StoreThread(DataSource source, String name, String prefix, Duration timeout) {
    this.source = source;
    this.name = name;
    this.prefix = prefix;
    this.timeoutSeconds = (int) Math.max(1, timeout.toSeconds());
  }

  /** Asks, when all that was asked before is answered. */
  <T> CompletableFuture<T> ask(Work<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    lock.lock();
    try {
      if (stuck.get() >= MOST_STUCK) {
        answer.completeExceptionally(
            new SQLTimeoutException("the driver has not answered " + MOST_STUCK + " requests"));
        return answer;
      }
      if (line == null) {
        line = new Line();
        line.thread.start();
      }
      line.tasks.add(new Task<>(work, answer));
    } finally {
      lock.unlock();
    }
    return answer;
  }

  /** Asks, and waits for the answer. */
  <T> T ask(Work<T> work, Duration timeout) throws SQLException, IOException, InterruptedException {
    CompletableFuture<T> answer = ask(work);
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case SQLException failure -> throw failure;
        case IOException failure -> throw failure;
        case null, default -> throw new SQLException("the driver failed: " + e.getCause(), e);
      }
    } catch (TimeoutException e) {
      giveUp();
      throw new SQLTimeoutException("no answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      giveUp();
      throw e;
    }
  }

  /** What was asked and is not answered never will be, as far as is known. */
  void giveUp() {
    lock.lock();
    try {
      if (line != null) {
        stuck.incrementAndGet();
        line.giveUp();
        line = null;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    giveUp();
  }

  /**
   * One thread and its connection. It is never interrupted, since that would close the files of a
   * database in this process.
   */
  private final class Line {
    final Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    final BlockingQueue<Task<?>> tasks = new LinkedBlockingQueue<>();
    private volatile boolean givenUp;
    private volatile boolean busy;
    private volatile @Nullable Connection connection;

    private void run() {
      try {
        while (!givenUp) {
          execute(tasks.take());
        }
      } catch (InterruptedException e) {
        // nobody does that
      } finally {
        disconnect();
        stuck.decrementAndGet();
      }
    }

    private void execute(Task<?> task) {
      busy = true;
      try {
        Connection its = connection == null ? connect() : connection;
        if (!givenUp) {
          task.execute(new Sql(its, prefix, timeoutSeconds));
        }
      } catch (Throwable e) { // whatever a driver throws
        if (!(e instanceof JdbcStoreException)) {
          disconnect(); // who knows in which state it is
        }
        task.answer.completeExceptionally(e);
      } finally {
        busy = false;
      }
    }

    private Connection connect() throws SQLException {
      Connection its = source.getConnection();
      connection = its;
      its.setAutoCommit(true);
      its.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      return its;
    }

    private void disconnect() {
      Connection its = connection;
      connection = null;
      if (its != null) {
        try {
          its.close();
        } catch (SQLException e) {
          // it is of no more use anyway
        }
      }
    }

    void giveUp() {
      givenUp = true;
      Connection its = connection;
      if (busy && its != null) {
        Thread.ofPlatform().daemon().name(name + "-abort").start(() -> abort(its));
      }
      tasks.add(new Task<>(sql -> NOTHING, new CompletableFuture<>())); // wakes it
    }

    private void abort(Connection its) {
      try {
        its.abort(Runnable::run); // which ends a thread that is blocked in it
      } catch (SQLException | RuntimeException e) {
        // then it ends when the network does
      }
    }
  }
}
