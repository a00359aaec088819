package dev.lariat.spring;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.Delimiter;
import org.springframework.util.unit.DataSize;

/**
 * The properties under {@code lariat}. What is not set has the default of the library.
 *
 * @param client the client
 * @param feeds live connections by name
 * @param health when the health of the feeds is bad
 */
@ConfigurationProperties("lariat")
public record LariatProperties(
    @DefaultValue Client client,
    @DefaultValue Map<String, Feed> feeds,
    @DefaultValue Health health) {

  /**
   * The client.
   *
   * @param timeout how long a call may take, with its redirects and retries; 30 s by default
   * @param userAgent the User-Agent of requests; empty for none
   * @param decompress whether to ask for compressed responses, and decompress them; off by default
   * @param cookies whether to keep and send cookies, in memory; off by default
   * @param redirects whether to follow redirects; off by default
   * @param retry whether to repeat idempotent requests that failed; off by default
   * @param connections how many connections to one origin may be open
   * @param total how many connections may be open in all
   * @param waiting how many calls may wait for a connection to one origin
   * @param idle how long a connection may be idle before it is closed
   * @param age how old a connection may become
   * @param cache how many bytes of responses are cached in memory (RFC 9111); none by default
   * @param proxy the proxy, such as http://proxy:3128 or socks5://proxy:1080
   * @param http2 whether HTTP/2 is offered to servers with TLS; off by default
   * @param ssl TLS
   * @param restClient whether Spring's RestClient sends its requests by this client
   * @param webClient whether Spring's WebClient sends its requests by this client
   */
  public record Client(
      @Nullable Duration timeout,
      @Nullable String userAgent,
      @Nullable Boolean decompress,
      @DefaultValue("false") boolean cookies,
      @DefaultValue("false") boolean redirects,
      @DefaultValue("false") boolean retry,
      @Nullable Integer connections,
      @Nullable Integer total,
      @Nullable Integer waiting,
      @Nullable Duration idle,
      @Nullable Duration age,
      @Nullable DataSize cache,
      @Nullable String proxy,
      @DefaultValue("false") boolean http2,
      @DefaultValue Ssl ssl,
      @DefaultValue("false") boolean restClient,
      @DefaultValue("false") boolean webClient) {}

  /**
   * TLS.
   *
   * @param bundle the name of a bundle of Spring Boot, with the certificates that are trusted, and
   *     with a certificate of one's own if it has one
   */
  public record Ssl(@Nullable String bundle) {}

  /**
   * A live connection.
   *
   * @param uri its server: ws or wss for a WebSocket, http or https for server-sent events
   * @param headers headers of each request
   * @param username the user name, together with password
   * @param password the password, together with username
   * @param token a bearer token
   * @param subprotocols the WebSocket's subprotocols that are offered
   * @param compress whether compression is offered to the server of a WebSocket; off by default
   * @param onOpen texts that a WebSocket sends at the beginning of each session
   * @param lastEventId the id after which the first session of server-sent events begins
   * @param healing when there is another attempt
   * @param keepalive the pings of a WebSocket
   * @param silence how long a session may receive nothing before it counts as lost
   * @param maxAge the age at which a new session replaces the old one
   * @param outbox the messages that wait while no session is open
   * @param proxy the proxy, such as http://proxy:3128 or socks5://proxy:1080
   * @param ssl TLS
   */
  public record Feed(
      @Nullable URI uri,
      @DefaultValue Map<String, String> headers,
      @Nullable String username,
      @Nullable String password,
      @Nullable String token,
      @DefaultValue List<String> subprotocols,
      @DefaultValue("false") boolean compress,
      @Delimiter(Delimiter.NONE) @DefaultValue List<String> onOpen, // JSON has commas
      @Nullable String lastEventId,
      @DefaultValue Healing healing,
      @DefaultValue Keepalive keepalive,
      @Nullable Duration silence,
      @Nullable Duration maxAge,
      @DefaultValue Outbox outbox,
      @Nullable String proxy,
      @DefaultValue Ssl ssl) {}

  /**
   * When there is another attempt.
   *
   * @param attempts how many attempts may fail in a row; no end by default
   * @param first the first delay; 500 ms by default
   * @param cap the longest delay; 60 s by default
   * @param factor by what the delay is multiplied after each failure; 2 by default
   * @param stable after what time open a session restarts the count; 30 s by default
   * @param spread the longest random delay of the first attempt after a loss; 5 s by default
   * @param longestRetryAfter the longest Retry-After of a server that is honored; 1 h by default
   * @param repeats how many sessions in a row may end by the same rule; 3 by default
   */
  public record Healing(
      @Nullable Integer attempts,
      @Nullable Duration first,
      @Nullable Duration cap,
      @Nullable Double factor,
      @Nullable Duration stable,
      @Nullable Duration spread,
      @Nullable Duration longestRetryAfter,
      @Nullable Integer repeats) {}

  /**
   * The pings of a WebSocket.
   *
   * @param interval how long nothing was received before a ping is sent
   * @param deadline how long the answer may take before the session counts as lost
   */
  public record Keepalive(@Nullable Duration interval, @Nullable Duration deadline) {}

  /**
   * The messages that wait while no session is open.
   *
   * @param messages how many may wait; 1,024 by default
   * @param bytes how many bytes may wait; 16 MiB by default
   * @param overflow what happens if there is no room: block, fail, drop-oldest or drop-newest
   */
  public record Outbox(
      @Nullable Integer messages,
      @Nullable DataSize bytes,
      dev.lariat.option.Outbox.@Nullable Overflow overflow) {}

  /**
   * When the health of the feeds is bad.
   *
   * @param downAfter how long a feed may have no open session before it counts as down
   */
  public record Health(@DefaultValue("1m") Duration downAfter) {}
}
