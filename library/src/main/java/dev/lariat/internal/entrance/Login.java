package dev.lariat.internal.entrance;

import dev.lariat.internal.codec.Proof;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** A {@link Proof} that the requests of several threads share. */
public final class Login {
  private static final String CHALLENGES = "www-authenticate";

  private final Proof proof; // under the lock
  private final Lock lock = new ReentrantLock();

  /** One whose password is shown when the server asks for it. */
  public Login(Credentials credentials) {
    this(Proof.asked(credentials));
  }

  private Login(Proof proof) {
    this.proof = proof;
  }

  /** One whose password is shown at once where {@code Basic} is all that is allowed. */
  public static Login eager(Credentials credentials) {
    return new Login(Proof.eager(credentials));
  }

  /** Whose it is, with the secret. */
  public String identity() {
    return proof.identity(); // which never changes
  }

  /** Whether it is for these. */
  public boolean isFor(Credentials others) {
    return proof.isFor(others); // which never changes
  }

  /** Chooses the strongest of a 401's challenges that can be answered. */
  Optional<Proof.Choice> choose(Headers headers) {
    return locked(() -> proof.choose(headers, CHALLENGES));
  }

  /** What is shown with a request; empty while nothing was chosen. */
  Optional<Proof.Shown> authorization(String method, String target, Bytes body) {
    return locked(() -> proof.show(method, target, body));
  }

  /** What was shown was refused: it is not shown again unasked, unless it always is. */
  void refused() {
    locked(
        () -> {
          proof.refused();
          return Optional.empty();
        });
  }

  /** The server may have named the nonce to use next. */
  void told(Headers headers) {
    locked(
        () -> {
          proof.told(headers);
          return Optional.empty();
        });
  }

  private <T> T locked(Supplier<T> step) {
    lock.lock();
    try {
      return step.get();
    } finally {
      lock.unlock();
    }
  }
}
