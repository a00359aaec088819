package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An end of a simulated connection; threads wait at it by the simulation's time. */
final class SimulatedWire implements Wire, End.User {
  private final Scheduler scheduler;
  private final Cable cable;
  private final End end;
  private final List<Thread> readers = new ArrayList<>(1); // that wait
  private final List<Thread> writers = new ArrayList<>(0);

  SimulatedWire(Scheduler scheduler, Cable cable, End end) {
    this.scheduler = scheduler;
    this.cable = cable;
    this.end = end;
    end.usedBy(this);
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    scheduler.enter();
    while (true) {
      refuseClosed();
      if (end.isBroken()) {
        throw new SocketException("Connection reset");
      }
      int count = end.read(into, from, length);
      if (count > 0 || length == 0) {
        return count;
      }
      if (end.hasEnded()) {
        return -1;
      }
      await(readers, Agenda.NEVER);
    }
  }

  @Override
  public boolean hasArrived() {
    scheduler.enter();
    return end.isReadable() && !end.isClosed();
  }

  @Override
  public boolean readable(long nanos) throws IOException {
    scheduler.enter();
    long until = scheduler.after(nanos);
    while (!end.isReadable() && !end.isClosed()) {
      if (scheduler.now() >= until) {
        return false;
      }
      await(readers, until == Agenda.NEVER ? until : until - scheduler.now());
    }
    return true;
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    scheduler.enter();
    int written = 0;
    while (written < length) {
      refuseClosed();
      if (end.isBroken() || end.hasEndedOutput()) {
        throw new SocketException("Broken pipe");
      }
      int count = Math.min(end.room(), length - written);
      if (count > 0) {
        int at = from + written;
        end.send(Arrays.copyOfRange(bytes, at, at + count));
        written += count;
      } else {
        await(writers, Agenda.NEVER);
      }
    }
  }

  private void refuseClosed() throws IOException {
    if (end.isClosed()) {
      throw new SocketException("Socket closed");
    }
  }

  private void await(List<Thread> waiting, long nanos) throws IOException {
    Thread me = Thread.currentThread();
    waiting.add(me);
    try {
      scheduler.park("the other end of " + cable, nanos);
    } finally {
      waiting.remove(me);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void endOutput() {
    scheduler.enter();
    end.endOutput();
  }

  @Override
  public void cut() {
    endOutput(); // there is nothing to say before it
  }

  @Override
  public void reset() {
    scheduler.enter();
    end.reset();
    readable();
    writable();
  }

  @Override
  public void close() {
    scheduler.enter();
    end.close();
    readable();
    writable();
  }

  @Override
  public void readable() {
    readers.forEach(scheduler::unpark);
  }

  @Override
  public void writable() {
    writers.forEach(scheduler::unpark);
  }
}
