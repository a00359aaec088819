package dev.lariat.cli;

import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Standard output as a stream for the sink of a fleet. A sink that throws gets the same events
 * again; but what standard output does not take, it never will, so the command ends.
 */
final class FleetOutput extends OutputStream {
  private final Output out;
  private final Runnable failed;
  private volatile @Nullable OutputException failure;

  FleetOutput(Output out, Runnable failed) {
    this.out = out;
    this.failed = failed;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      out.write(Arrays.copyOfRange(bytes, offset, offset + length));
    } catch (OutputException e) {
      failure = e;
      failed.run();
      throw e;
    }
  }

  /**
   * Ends the command if something could not be written. Then the thread is interrupted, so that the
   * fleet does not wait until the sink takes the rest.
   */
  void check() {
    OutputException its = failure;
    if (its != null) {
      Thread.currentThread().interrupt();
      throw its;
    }
  }
}
