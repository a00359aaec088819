package dev.lariat.internal.transport;

import dev.lariat.message.Reason;
import java.io.IOException;

/** The tunnel of a {@link StreamChannel} has failed for this reason. */
final class TunnelFailure extends IOException {
  private static final long serialVersionUID = 1;
  final transient Reason reason;

  TunnelFailure(Reason reason) {
    super(reason.sentence(), null);
    this.reason = reason;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
