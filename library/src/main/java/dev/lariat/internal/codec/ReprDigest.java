package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code Repr-Digest} field (RFC 9530 section 3). */
public final class ReprDigest {
  private static final Pattern SHA_256 =
      Pattern.compile("(?:^|,)[ \\t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \\t]*(?=;|,|$)");

  private ReprDigest() {}

  /**
   * The SHA-256 of the whole file that a response names; empty if it names none. Of several, the
   * last one counts (RFC 8941 section 3.2). A malformed field is ignored: it protects nothing.
   */
  public static Optional<byte[]> sha256(Headers headers) {
    Matcher digests = SHA_256.matcher(String.join(", ", headers.all("repr-digest")));
    Optional<byte[]> last = Optional.empty();
    while (digests.find()) {
      try {
        last = Optional.of(Base64.getDecoder().decode(digests.group(1)));
      } catch (IllegalArgumentException e) {
        // bits that do not belong to the value
      }
    }
    return last;
  }
}
