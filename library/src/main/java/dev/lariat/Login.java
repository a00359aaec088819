package dev.lariat;

import dev.lariat.internal.codec.Challenge;
import dev.lariat.internal.codec.Digest;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import dev.lariat.option.Request;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a caller's calls know together of how its origin wants to see the credentials: the challenge
 * that was chosen last, and how often its nonce was used.
 */
final class Login {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Credentials credentials;
  private final Supplier<String> nonces; // this side's
  private final Lock lock = new ReentrantLock();

  // under the lock
  private boolean basic; // what was chosen: this, or the digest, or nothing yet
  private @Nullable Digest digest;
  private String nonce = "";
  private String own = "";
  private int count;

  Login(Credentials credentials) {
    this(credentials, Login::random);
  }

  Login(Credentials credentials, Supplier<String> nonces) {
    this.credentials = credentials;
    this.nonces = nonces;
  }

  private static String random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * What is chosen of a 401's challenges.
   *
   * @param nonce the nonce of a digest; empty for {@code Basic}
   * @param stale whether only the nonce was out of date
   */
  record Choice(String nonce, boolean stale) {}

  /**
   * What is shown with a request.
   *
   * @param value the field's
   * @param nonce the nonce that it is for; empty for {@code Basic}
   */
  record Shown(String value, String nonce) {}

  /** Chooses the strongest challenge that can be answered; what is malformed is none. */
  Optional<Choice> choose(Headers headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String field : headers.all("www-authenticate")) {
      try {
        challenges.addAll(Challenge.parse(field));
      } catch (Violation e) {
        // nobody can answer what nobody can read
      }
    }
    Optional<Digest> best =
        challenges.stream()
            .filter(challenge -> credentials.digest())
            .flatMap(challenge -> Digest.of(challenge).stream())
            .max(Comparator.comparingInt(Digest::strength));
    boolean plain =
        credentials.basic() && challenges.stream().anyMatch(c -> c.scheme().equals("basic"));
    if (best.isEmpty() && !plain) {
      return Optional.empty();
    }
    lock.lock();
    try {
      basic = best.isEmpty();
      digest = best.orElse(null);
      if (best.isPresent() && !nonce.equals(best.get().nonce())) {
        own = nonces.get();
        begin(best.get().nonce());
      }
    } finally {
      lock.unlock();
    }
    return Optional.of(
        best.map(d -> new Choice(d.nonce(), d.stale())).orElse(new Choice("", false)));
  }

  private void begin(String next) {
    nonce = next;
    count = 0;
  }

  /** What is shown with a request; empty while nothing was chosen. */
  Optional<Shown> authorization(Request request) {
    lock.lock();
    try {
      if (basic) {
        String pair = credentials.user() + ":" + credentials.password();
        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
        return Optional.of(new Shown("Basic " + Base64.getEncoder().encodeToString(bytes), ""));
      }
      if (digest == null) {
        return Optional.empty();
      }
      count++;
      String answer =
          digest.answer(
              credentials.user(),
              credentials.password(),
              request.method(),
              request.target(),
              request.body().toArray(),
              nonce,
              count,
              own);
      return Optional.of(new Shown(answer, nonce));
    } finally {
      lock.unlock();
    }
  }

  /** What was shown was refused: it is not shown again unasked. */
  void refused() {
    lock.lock();
    try {
      basic = false;
      digest = null;
    } finally {
      lock.unlock();
    }
  }

  /** The server may have named the nonce to use next (RFC 7616 section 3.5). */
  void told(Headers headers) {
    for (String field : headers.all("authentication-info")) {
      String next;
      try {
        next = Challenge.information(field).get("nextnonce");
      } catch (Violation e) {
        continue; // the answer is no worse for it
      }
      lock.lock();
      try {
        if (next != null && !next.equals(nonce)) {
          begin(next);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
