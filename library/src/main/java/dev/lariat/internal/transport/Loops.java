package dev.lariat.internal.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The event loops that all connections share: daemon threads, half as many as there are processors,
 * since the other half reads mailboxes.
 */
final class Loops {
  private static final EventLoopGroup GROUP =
      new MultiThreadIoEventLoopGroup(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          new DefaultThreadFactory("lariat-loop", true) {
            @Override
            protected Thread newThread(Runnable task, String name) {
              return new LoopThread(threadGroup, task, name);
            }
          },
          Native.BEST.ioHandler());
  private static final Map<EventLoop, Loop> LOOPS = new ConcurrentHashMap<>();

  private Loops() {}

  /** The next loop in turn. */
  static Loop next() {
    return LOOPS.computeIfAbsent(GROUP.next(), Loop::new);
  }

  /** Whether this is the thread of one. */
  static boolean isLoop(Thread thread) {
    return thread instanceof LoopThread;
  }

  private static final class LoopThread extends FastThreadLocalThread {
    LoopThread(ThreadGroup group, Runnable task, String name) {
      super(group, task, name);
    }
  }
}
