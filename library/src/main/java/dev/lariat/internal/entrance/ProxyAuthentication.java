package dev.lariat.internal.entrance;

import dev.lariat.internal.protocol.Authorization;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An {@link Authentication} to a proxy: by 407, and in other fields (RFC 9110 section 11.7). */
public final class ProxyAuthentication implements Authorization {
  private static final int UNAUTHORIZED = 401;
  private static final int PROXY_UNAUTHORIZED = 407;
  private static final int FORBIDDEN = 403; // which is no challenge
  private static final Map<String, String> FIELDS =
      Map.of(
          "proxy-authenticate", "www-authenticate",
          "proxy-authentication-info", "authentication-info");

  private final Authentication authentication;

  /** The last answer, if it is a challenge that can be answered. */
  private Optional<Reason.Status> challenge = Optional.empty();

  public ProxyAuthentication(Login login) {
    this.authentication = new Authentication(login);
  }

  @Override
  public @Nullable String shown(String method, String target, Bytes body) {
    return authentication.shown(method, target, body);
  }

  @Override
  public Headers with(Headers headers, String method, String target, Bytes body) {
    String shown = shown(method, target, body);
    return shown == null ? headers : headers.with("proxy-authorization", shown);
  }

  @Override
  public boolean asksAgain(int status, Headers headers) {
    boolean again = authentication.asksAgain(asOfOrigin(status), asOfOrigin(headers));
    challenge =
        again
            ? Optional.of(new Reason.Status(status, Optional.empty(), headers, Bytes.EMPTY))
            : Optional.empty();
    return again;
  }

  /** Takes the challenge that was the last answer, and can be answered on another connection. */
  public Optional<Reason> takeChallenge() {
    Optional<Reason> taken = challenge.map(Reason.class::cast);
    challenge = Optional.empty();
    return taken;
  }

  @Override
  public void learn(int status, Headers headers) {
    asksAgain(status, headers); // on another connection, then
  }

  private static int asOfOrigin(int status) {
    return switch (status) {
      case PROXY_UNAUTHORIZED -> UNAUTHORIZED;
      case UNAUTHORIZED -> FORBIDDEN;
      default -> status;
    };
  }

  /** What a proxy says of authentication, in the names that an origin uses. */
  private static Headers asOfOrigin(Headers headers) {
    Headers named = Headers.EMPTY;
    for (Headers.Field field : headers) {
      String name = FIELDS.get(field.name());
      named = name == null ? named : named.with(name, field.value());
    }
    return named;
  }
}
