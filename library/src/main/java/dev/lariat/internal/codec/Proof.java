package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import dev.lariat.option.Credentials.Bearer;
import dev.lariat.option.Credentials.Password;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client knows of how an origin or a proxy wants to see the credentials (RFC 9110 section
 * 11): the challenge that was chosen last, and how often its nonce was used.
 */
public final class Proof {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Credentials credentials;
  private final boolean unasked; // the password is shown by Basic before anybody asks
  private final Supplier<String> nonces; // this side's

  private boolean basic; // what was chosen: this, or the digest, or nothing yet
  private @Nullable Digest digest;
  private String nonce = "";
  private String own = "";
  private int count;

  private Proof(Credentials credentials, boolean unasked, Supplier<String> nonces) {
    this.credentials = credentials;
    this.unasked = unasked;
    this.nonces = nonces;
    this.basic = unasked;
  }

  /** One whose password is shown when it is asked for. */
  public static Proof asked(Credentials credentials) {
    return new Proof(credentials, false, Proof::random);
  }

  /** One whose password is shown at once if {@code Basic} is all that is allowed. */
  public static Proof eager(Credentials credentials) {
    boolean onlyBasic = credentials instanceof Password password && !password.digest();
    return new Proof(credentials, onlyBasic, Proof::random);
  }

  private static String random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * What is chosen of an answer's challenges.
   *
   * @param nonce the nonce of a digest; empty for {@code Basic}
   * @param stale whether only the nonce was out of date
   */
  public record Choice(String nonce, boolean stale) {}

  /**
   * What is shown with a request.
   *
   * @param value the field's
   * @param nonce the nonce that it is for; empty for {@code Basic} and {@code Bearer}
   */
  public record Shown(String value, String nonce) {}

  /** Whose it is, with the secret. */
  public String identity() {
    return identity(credentials);
  }

  /** Whose credentials these are, with the secret. */
  public static String identity(Credentials credentials) {
    return switch (credentials) {
      case Password password -> "user " + password.user() + " " + password.password();
      case Bearer bearer -> "bearer " + bearer.token();
    };
  }

  /** Whether it is for these. */
  public boolean isFor(Credentials others) {
    return credentials.equals(others);
  }

  /**
   * Chooses the strongest challenge that can be answered; what is malformed is none.
   *
   * @param field which one has the challenges, in lower case
   */
  public Optional<Choice> choose(Headers headers, String field) {
    if (!(credentials instanceof Password password)) {
      return Optional.empty(); // a token has been shown already
    }
    List<Challenge> challenges = new ArrayList<>();
    for (String value : headers.all(field)) {
      try {
        challenges.addAll(Challenge.parse(value));
      } catch (Violation e) {
        // nobody can answer what nobody can read
      }
    }
    Optional<Digest> best =
        challenges.stream()
            .filter(challenge -> password.digest())
            .flatMap(challenge -> Digest.of(challenge).stream())
            .filter(digest -> password.rfc2069() || !digest.qop().isEmpty())
            .max(Comparator.comparingInt(Digest::strength));
    boolean plain =
        password.basic() && challenges.stream().anyMatch(c -> c.scheme().equals("basic"));
    if (best.isEmpty() && !plain) {
      return Optional.empty();
    }
    basic = best.isEmpty();
    digest = best.orElse(null);
    if (best.isPresent() && !nonce.equals(best.get().nonce())) {
      own = nonces.get();
      begin(best.get().nonce());
    }
    return Optional.of(
        best.map(d -> new Choice(d.nonce(), d.stale())).orElse(new Choice("", false)));
  }

  private void begin(String next) {
    nonce = next;
    count = 0;
  }

  /** What is shown with a request; empty while nothing was chosen. */
  public Optional<Shown> show(String method, String target, Bytes body) {
    return switch (credentials) {
      case Bearer(var token) -> Optional.of(new Shown("Bearer " + token, ""));
      case Password password -> show(password, method, target, body);
    };
  }

  private Optional<Shown> show(Password credentials, String method, String target, Bytes body) {
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
            method,
            target,
            body.toArray(),
            nonce,
            count,
            own);
    return Optional.of(new Shown(answer, nonce));
  }

  /** What was shown was refused: it is not shown again unasked, unless it always is. */
  public void refused() {
    basic = unasked;
    digest = null;
  }

  /** The peer may have named the nonce to use next (RFC 7616 section 3.5). */
  public void told(Headers headers) {
    for (String field : headers.all("authentication-info")) {
      String next;
      try {
        next = Challenge.information(field).get("nextnonce");
      } catch (Violation e) {
        continue; // the answer is no worse for it
      }
      if (next != null && !next.equals(nonce)) {
        begin(next);
      }
    }
  }
}
