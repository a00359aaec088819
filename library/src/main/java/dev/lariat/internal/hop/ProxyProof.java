package dev.lariat.internal.hop;

import dev.lariat.internal.codec.Proof;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the requests of one attempt show a proxy the credentials (RFC 9110 section 11.7). A challenge
 * is answered once, and once more if only the nonce was out of date.
 */
final class ProxyProof implements Authorization {
  private static final int AUTHENTICATION_REQUIRED = 407;
  private static final int ANSWERS = 2; // to challenges: one, and one whose nonce came too late

  private final @Nullable Proof proof;
  private final Set<String> nonces = new HashSet<>(); // that credentials were shown for
  private int answers;
  private boolean shown; // the last request had the credentials
  private boolean challenged; // the last response is a challenge that can be answered

  ProxyProof(Optional<Credentials> credentials) {
    this.proof = credentials.map(Proof::eager).orElse(null);
  }

  @Override
  public @Nullable String shown(String method, String target, Bytes body) {
    Proof.Shown with = proof == null ? null : proof.show(method, target, body).orElse(null);
    shown = with != null;
    if (with == null) {
      return null;
    }
    nonces.add(with.nonce());
    return with.value();
  }

  @Override
  public Headers with(Headers headers, String method, String target, Bytes body) {
    String value = shown(method, target, body);
    return value == null ? headers : headers.with("proxy-authorization", value);
  }

  @Override
  public boolean asksAgain(int status, Headers headers) {
    challenged = status == AUTHENTICATION_REQUIRED && canAnswer(headers);
    return challenged;
  }

  @Override
  public void learn(int status, Headers headers) {
    asksAgain(status, headers); // on another connection, then
  }

  private boolean canAnswer(Headers headers) {
    if (proof == null) {
      return false;
    }
    Proof.Choice choice = proof.choose(headers, "proxy-authenticate").orElse(null);
    boolean can =
        choice != null
            && answers < ANSWERS
            && !nonces.contains(choice.nonce())
            && (!shown || choice.stale());
    if (can) {
      answers++;
    } else {
      proof.refused();
    }
    return can;
  }

  /** Whether a challenge was the last response, and can be answered. */
  boolean challenged() {
    return challenged;
  }

  /** Another connection begins, on which nothing was heard. */
  void anew() {
    challenged = false;
  }
}
