package dev.lariat.internal.cache;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * What is kept of a request's headers: enough to find out that another one has the same. Of a
 * secret it cannot be guessed from outside this cache: it is salted by a key that is nowhere
 * written, so what was stored with it is not found again by the next process.
 */
public final class Fingerprints {
  private static final Set<String> SECRET =
      Set.of("authorization", "cookie", "proxy-authorization");
  private static final int BYTES = 16;

  private final byte[] key;

  /** With this key. */
  public Fingerprints(byte[] key) {
    this.key = key.clone();
  }

  String of(String name, String value) {
    return SECRET.contains(name) ? secret(value) : hash(value);
  }

  String secret(String value) {
    MessageDigest digest = sha256();
    digest.update(key);
    return hex(digest.digest(value.getBytes(StandardCharsets.UTF_8)));
  }

  /** A hash that is the same everywhere, also as a part of a file's name. */
  public static String hash(String value) {
    return hex(sha256().digest(value.getBytes(StandardCharsets.UTF_8)));
  }

  private static String hex(byte[] hash) {
    return HexFormat.of().formatHex(Arrays.copyOf(hash, BYTES));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // each JDK has it
    }
  }
}
