package dev.lariat.internal.entrance;

import dev.lariat.internal.codec.Proof;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request's part in a {@link Login}: it shows what is known, and answers challenges, but not
 * for ever. A call whose request changes on its way has one for all of it. It is used by one thread
 * at a time.
 */
public final class Authentication implements Authorization {
  private static final int UNAUTHORIZED = 401;
  private static final int ANSWERS = 3; // to challenges: one, and two whose nonce came too late

  private final Login login;
  private final Set<String> nonces = new HashSet<>(); // that credentials were shown for
  private int answers;
  private boolean shown; // the last request had the credentials

  public Authentication(Login login) {
    this.login = login;
  }

  @Override
  public @Nullable String shown(String method, String target, Bytes body) {
    Proof.Shown with = login.authorization(method, target, body).orElse(null);
    shown = with != null;
    if (with == null) {
      return null;
    }
    nonces.add(with.nonce());
    return with.value();
  }

  @Override
  public boolean asksAgain(int status, Headers headers) {
    if (status != UNAUTHORIZED) {
      accepted(headers);
      return false;
    }
    Proof.Choice choice = login.choose(headers).orElse(null);
    boolean again = choice != null && answers < ANSWERS && (!shown || isAnother(choice));
    if (again) {
      answers++;
    } else {
      login.refused();
    }
    return again;
  }

  @Override
  public void learn(int status, Headers headers) {
    if (status == UNAUTHORIZED) {
      login.choose(headers); // for the next request
    } else {
      accepted(headers);
    }
  }

  /** Whether this may be answered though what was shown is refused. */
  private boolean isAnother(Proof.Choice choice) {
    return (answers == 0 || choice.stale()) && !nonces.contains(choice.nonce());
  }

  /** What was shown was not refused; these headers or trailers may say more. */
  public void accepted(Headers headers) {
    if (shown) {
      login.told(headers);
    }
  }

  /** Another resource follows, which may ask for other credentials. */
  public void anew() {
    answers = 0;
  }
}
