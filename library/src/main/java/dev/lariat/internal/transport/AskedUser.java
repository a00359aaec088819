package dev.lariat.internal.transport;

import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.ProxyAuthenticator;
import dev.lariat.option.ProxyAuthenticator.Authentication;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A user's {@link ProxyAuthenticator} in one attempt to connect. It may block, so each of its calls
 * has a thread, one after the other; the loop knows what comes of it. All else is on the loop.
 */
final class AskedUser {
  /** What a call has come to: credentials, or neither if the user gives up. */
  private record Answered(Optional<String> credentials, Optional<Throwable> thrown) {}

  private final Dialing dialing;
  private final Hop hop;

  /** Written by the thread that runs, and by the next one after that has ended. */
  private @Nullable Authentication authentication;

  /** The thread that runs; null if there is none. */
  private @Nullable Thread runs;

  /** What is to be done if the attempt ends before the answer. */
  private Runnable otherwise = () -> {};

  private boolean over;

  AskedUser(Dialing dialing, Hop hop) {
    this.dialing = dialing;
    this.hop = hop;
  }

  boolean isFor(Hop other) {
    return hop == other;
  }

  /**
   * Asks for the answer to these challenges.
   *
   * @param then gets it, on the loop
   * @param otherwise is run in its place if the attempt ends before
   */
  void answer(List<String> challenges, Consumer<Optional<String>> then, Runnable otherwise) {
    ProxyAuthenticator user = hop.proxy().authenticator().orElseThrow();
    this.otherwise = otherwise;
    runs =
        start(
            () -> {
              Answered answered = ask(user, challenges);
              dialing.later(() -> answered(answered, then));
            });
  }

  /** On a thread of the user's. */
  private Answered ask(ProxyAuthenticator user, List<String> challenges) {
    try {
      Authentication begun = authentication;
      if (begun == null) {
        begun = user.begin(hop.proxy().host(), hop.proxy().port());
        authentication = begun;
      }
      Optional<String> credentials = begun.answer(challenges);
      credentials.ifPresent(value -> Headers.of("proxy-authorization", value)); // checks it
      return new Answered(credentials, Optional.empty());
    } catch (Throwable e) { // whatever a user's code throws
      return new Answered(Optional.empty(), Optional.of(e));
    }
  }

  private void answered(Answered answered, Consumer<Optional<String>> then) {
    runs = null;
    if (over) {
      close();
      return;
    }
    Runnable lost = otherwise;
    otherwise = () -> {};
    if (answered.thrown().isPresent()) {
      lost.run();
      dialing.fail(new Reason.AuthenticatorThrew(answered.thrown().get()));
    } else {
      then.accept(answered.credentials());
    }
  }

  /** The attempt is over. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    otherwise.run();
    if (runs == null) {
      close();
    } else {
      runs.interrupt(); // it is closed when the call has returned
    }
  }

  private void close() {
    Authentication begun = authentication;
    if (begun != null) {
      authentication = null;
      start(
          () -> {
            try {
              begun.close();
            } catch (Throwable e) {
              // nobody is left who needs it
            }
          });
    }
  }

  private Thread start(Runnable call) {
    return Machine.of(dialing.dialer.options).start("lariat-proxy-authenticator", call);
  }
}
