package dev.lariat.testkit.internal.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** An event loop without a thread: the scheduler runs its tasks, one at a time. */
final class SimulatedLoop extends AbstractScheduledEventExecutor implements EventLoop {
  private final Scheduler scheduler;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>(); // any thread adds to them

  SimulatedLoop(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  // ---- what the scheduler does

  /** Whether a task could run now. */
  boolean isReady(long now) {
    return !tasks.isEmpty() || deadline() <= now;
  }

  /** When the first of those that wait for a time may run. */
  long deadline() {
    long deadline = nextScheduledTaskDeadlineNanos();
    return deadline < 0 ? Agenda.NEVER : deadline;
  }

  /** Runs the first of the tasks that are ready; within {@link Scheduler}'s turn of this loop. */
  void runOne() {
    fetchFromScheduledTaskQueue(tasks);
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
  }

  /** Forgets all that is left, which a program that ends would never run either. */
  void clear() {
    tasks.clear();
    cancelScheduledTasks();
  }

  // ---- what Netty asks for

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    scheduler.knock();
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return scheduler.runs(this, thread);
  }

  @Override
  public Ticker ticker() {
    return scheduler.ticker();
  }

  @Override
  public EventLoopGroup parent() {
    return this;
  }

  @Override
  public EventLoop next() {
    return this;
  }

  @Override
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Deprecated
  @Override
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }

  // ---- it ends with its simulation, and by nothing else

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    throw new UnsupportedOperationException("a simulated loop ends with its simulation");
  }

  @Override
  public Future<?> terminationFuture() {
    throw new UnsupportedOperationException("a simulated loop ends with its simulation");
  }

  @Deprecated
  @Override
  public void shutdown() {
    throw new UnsupportedOperationException("a simulated loop ends with its simulation");
  }

  @Override
  public boolean isShuttingDown() {
    return false;
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
