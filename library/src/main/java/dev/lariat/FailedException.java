package dev.lariat;

import dev.lariat.message.Reason;

/** What a call that waited for something throws when it failed. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Reason reason;

  FailedException(Reason reason) {
    super(reason.sentence(), reason instanceof Reason.Fault(var cause) ? cause : null);
    this.reason = reason;
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
