package dev.lariat.it;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A live WebSocket whose server ends each session and says whether it resumed a TLS session. It is
 * also a program, for a JVM without BoringSSL.
 */
final class Resuming {
  private static final int SESSIONS = 4;

  private Resuming() {}

  /** Prints what the server at this URI said; trusts this PEM file. */
  public static void main(String[] args) {
    said(args[0], Tls.DEFAULT.trust(Path.of(args[1]))).forEach(System.out::println);
  }

  /**
   * What the server said in its first sessions: "." for a new TLS session, "r" for a resumed one.
   */
  static List<String> said(String uri, Tls tls) {
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(ConnectionOptions.DEFAULT.tls(tls))
            .healing(
                Healing.DEFAULT
                    .spread(Duration.ZERO)
                    .retry(Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50))));
    List<String> said = new ArrayList<>();
    try (LiveWebSocket feed = LiveWebSocket.to(uri).options(options).open()) {
      for (Message message : feed.messages()) {
        if (message instanceof Open open) {
          said.add(String.join(",", open.headers().all("tls-session")));
        } else if (message instanceof Gone gone) {
          throw new IllegalStateException(gone.reason().sentence());
        }
        if (said.size() == SESSIONS) {
          break;
        }
      }
    }
    return said;
  }
}
