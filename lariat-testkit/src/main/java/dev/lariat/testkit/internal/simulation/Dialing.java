package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/** A thread of a server that connects to a host, and waits for that by the simulation's time. */
final class Dialing implements Network.Caller {
  private final Scheduler scheduler;
  private final Thread waiter = Thread.currentThread();
  private boolean over;
  private @Nullable Cable cable;
  private @Nullable IOException failure;

  Dialing(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public void at(InetSocketAddress address) {} // nobody asks

  @Override
  public boolean isOpen() {
    return !over;
  }

  @Override
  public void connected(Cable cable) {
    if (over) {
      cable.client().reset(); // there is nobody here
      return;
    }
    cable.accepted();
    this.cable = cable;
    scheduler.unpark(waiter);
  }

  @Override
  public void failed(IOException cause) {
    failure = cause;
    scheduler.unpark(waiter);
  }

  Wire await(long nanos) throws IOException {
    long until = scheduler.after(nanos);
    try {
      while (true) {
        if (cable != null) {
          return new SimulatedWire(scheduler, cable, cable.client());
        }
        if (failure != null) {
          throw failure;
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        if (scheduler.now() >= until) {
          throw new SocketTimeoutException("nobody has answered");
        }
        scheduler.park("a connection to a host", until - scheduler.now());
      }
    } finally {
      over = true;
    }
  }
}
