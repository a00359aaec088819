package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Credentials;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for, and where.
 *
 * @param credentials for the origin of the URL
 */
record Asking(
    String method, URI url, Headers headers, Payload payload, Optional<Credentials> credentials) {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<String> OF_THE_ORIGIN = Set.of("authorization", "cookie", "host");

  /** Where a response leads to, as it says; null if it leads nowhere. */
  static @Nullable String location(int status, Headers headers) {
    return REDIRECTS.contains(status) ? headers.first("location").orElse(null) : null;
  }

  /**
   * What this redirect asks for (RFC 9110 section 15.4): by GET after a 303, and after a POST that
   * a 301 or 302 answers. Another origin sees none of the secrets.
   *
   * @throws FailedException if it may not be followed
   */
  Asking redirected(int status, String location) {
    URI next = resolved(location);
    boolean elsewhere = !sameOrigin(next);
    if (elsewhere && url.getScheme().equals("https") && next.getScheme().equals("http")) {
      throw refused(location, "it leads from https to http");
    }
    boolean get =
        status == 303 && !method.equals("HEAD")
            || (status == 301 || status == 302) && method.equals("POST");
    if (!get && !payload.isRepeatable()) {
      throw refused(location, "standard input, which is the body, cannot be sent twice");
    }
    Headers kept = Headers.EMPTY;
    for (Headers.Field field : headers) {
      boolean goes = elsewhere && OF_THE_ORIGIN.contains(field.name());
      if (!goes && !(get && field.name().startsWith("content-"))) {
        kept = kept.with(field.name(), field.value());
      }
    }
    return new Asking(
        get ? "GET" : method,
        next,
        kept,
        get ? Payload.NONE : payload,
        elsewhere ? Optional.empty() : credentials);
  }

  private static FailedException refused(String location, String why) {
    return new FailedException(new Reason.RedirectRefused(location, why));
  }

  private boolean sameOrigin(URI other) {
    return url.getScheme().equals(other.getScheme())
        && Access.named(url).equals(Access.named(other));
  }

  private URI resolved(String location) {
    try {
      URI next = url.resolve(escaped(location));
      String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw refused(location, "its scheme is " + scheme);
      }
      String path =
          next.getRawPath() == null || next.getRawPath().isEmpty() ? "/" : next.getRawPath();
      String query = next.getRawQuery() == null ? "" : "?" + next.getRawQuery();
      String authority = String.valueOf(next.getRawAuthority());
      if (next.getRawAuthority() == null || authority.contains("@")) {
        throw refused(location.replaceAll("//.*@", "//***@"), "it has no host, or a user name");
      }
      return URI.create(scheme + "://" + authority.toLowerCase(Locale.ROOT) + path + query);
    } catch (IllegalArgumentException e) {
      throw refused(location, "it is not a URL");
    }
  }

  /** What many servers leave as it is. */
  private static String escaped(String location) {
    StringBuilder escaped = new StringBuilder();
    for (char c : location.strip().toCharArray()) {
      if (" \"<>\\^`{|}".indexOf(c) >= 0) {
        escaped.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return URI.create(escaped.toString()).toASCIIString();
  }

  /** The Authorization that is sent at once; null if there is none. */
  @Nullable String authorization() {
    return authorization(credentials, headers);
  }

  /** The Authorization that these credentials or these headers give at once; null if none. */
  static @Nullable String authorization(Optional<Credentials> credentials, Headers headers) {
    return switch (credentials.orElse(null)) {
      case Credentials.Bearer(var token) -> "Bearer " + token;
      case Credentials.Password(var user, var password, var basic, var digest, _)
          when basic && !digest -> {
        byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        yield "Basic " + Base64.getEncoder().encodeToString(both);
      }
      case null, default -> headers.first("authorization").orElse(null);
    };
  }

  /**
   * The same, but for what is there already.
   *
   * @param version whose rest it is; of another one, all is asked for
   */
  Asking from(long bytes, Optional<String> version) {
    if (headers.contains("range")) {
      return this;
    }
    Headers all = headers.with("range", "bytes=" + bytes + "-");
    return with(version.isPresent() ? all.with("if-range", version.get()) : all);
  }

  /** The same for all of it. */
  Asking whole() {
    Headers others = Headers.EMPTY;
    for (Headers.Field field : headers) {
      if (!field.name().equals("range") && !field.name().equals("if-range")) {
        others = others.with(field.name(), field.value());
      }
    }
    return with(others);
  }

  private Asking with(Headers its) {
    return new Asking(method, url, its, payload, credentials);
  }

  /** The path and the query. */
  String target() {
    String ascii = url.toASCIIString();
    URI sent = URI.create(ascii);
    String path =
        sent.getRawPath() == null || sent.getRawPath().isEmpty() ? "/" : sent.getRawPath();
    return sent.getRawQuery() == null ? path : path + "?" + sent.getRawQuery();
  }
}
