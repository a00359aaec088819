package dev.lariat.it.conformance;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * One GET over HTTP/2, for a suite of servers that misbehave: prints the status or the reason on
 * one line, and its exit status says whether the server was refused for breaking a rule.
 */
final class Http2Get {
  /** The server answered. */
  static final int ANSWERED = 0;

  /** A rule of the protocol was broken, or a limit exceeded: this side says so, or the server. */
  static final int REFUSED = 1;

  /** Anything else: no server, no answer in time, a connection that broke, wrong usage. */
  static final int FAILED = 2;

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /**
   * The codes of RFC 9113 section 7 that say that a rule was broken: all but NO_ERROR,
   * INTERNAL_ERROR, REFUSED_STREAM, CANCEL, CONNECT_ERROR and HTTP_1_1_REQUIRED.
   */
  private static final Set<Long> OF_RULES = Set.of(1L, 3L, 4L, 5L, 6L, 9L, 11L, 12L);

  private Http2Get() {}

  /** Gets the URL that is the last argument; {@code --insecure} accepts any certificate. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(System.out, args));
  }

  static int run(PrintStream out, String... args) throws InterruptedException {
    List<String> all = List.of(args);
    boolean insecure = all.contains("--insecure");
    if (all.size() != (insecure ? 2 : 1)) {
      out.println("usage: http2-get [--insecure] URL");
      return FAILED;
    }
    try {
      Endpoint endpoint = Endpoint.of(URI.create(all.getLast()));
      return get(out, endpoint, options(endpoint, insecure));
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      return FAILED;
    } catch (FailedException e) {
      return failed(out, e.reason());
    }
  }

  /** HTTP/2 alone: by ALPN with TLS, and with prior knowledge without. */
  private static ConnectionOptions options(Endpoint endpoint, boolean insecure) {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2).retry(Backoff.NEVER);
    boolean any = endpoint.secure() && insecure;
    return any ? options.tls(Tls.INSECURE) : options;
  }

  private static int get(PrintStream out, Endpoint endpoint, ConnectionOptions options)
      throws InterruptedException {
    URI uri = endpoint.uri();
    URI origin = URI.create(uri.getScheme() + "://" + uri.getRawAuthority());
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(origin, options, mailbox)) {
      Exchange exchange = connection.request(Request.of("GET", endpoint.target()));
      int status = 0;
      long start = System.nanoTime();
      while (true) {
        Message.OfStream message =
            mailbox.await(exchange, DEADLINE.minusNanos(System.nanoTime() - start));
        if (message == null) {
          out.println("There was no whole response within " + DEADLINE.toSeconds() + " s.");
          return FAILED;
        }
        if (message instanceof StreamFailed(var stream, var reason)) {
          return failed(out, reason);
        }
        if (message instanceof Response response) {
          status = response.status();
        }
        if (message.ends()) {
          out.println(status);
          return ANSWERED;
        }
      }
    }
  }

  private static int failed(PrintStream out, Reason reason) {
    out.println(reason.sentence().lines().findFirst().orElseThrow());
    return isOfRules(reason) ? REFUSED : FAILED;
  }

  private static boolean isOfRules(Reason reason) {
    return switch (reason) {
      case Reason.Protocol broken -> true;
      case Reason.Limit exceeded -> true;
      case Reason.StreamReset(var code) -> OF_RULES.contains(code);
      case Reason.GoAway(var code, var debug) -> OF_RULES.contains(code);
      case Reason.Timeout timeout -> timeout.step() == Reason.Step.SETTINGS; // SETTINGS_TIMEOUT
      case Reason.GaveUp(var attempts, var last) -> isOfRules(last);
      case Reason other -> false;
    };
  }
}
