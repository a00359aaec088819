package dev.lariat;

import dev.lariat.message.Reason;
import org.jspecify.annotations.Nullable;

/** What a call that waited for something throws when it failed. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Reason reason;

  FailedException(Reason reason) {
    super(reason.sentence(), cause(reason));
    this.reason = reason;
  }

  private static @Nullable Throwable cause(Reason reason) {
    if (reason instanceof Reason.RestartsExceeded exceeded) {
      return exceeded.cause().orElse(null);
    }
    return reason instanceof Reason.Fault(var cause) ? cause : null;
  }

  /** What is thrown when the thread was interrupted while it waited; it is interrupted again. */
  static FailedException interrupted(String operation) {
    Thread.currentThread().interrupt();
    return new FailedException(
        new Reason.BadState(operation, "the thread was interrupted while it waited"));
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
