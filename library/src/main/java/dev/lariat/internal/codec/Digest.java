package dev.lariat.internal.codec;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The answer to a {@code Digest} challenge (RFC 7616).
 *
 * @param hash Java's name of the algorithm
 * @param strength the more the better
 * @param session whether the secret is bound to the first nonces ({@code -sess})
 * @param qop {@code auth}, {@code auth-int}, or empty as of RFC 2069
 * @param realm what the secret is for
 * @param nonce the server's
 * @param challenge what says the rest
 */
record Digest(
    String hash,
    int strength,
    boolean session,
    String qop,
    String realm,
    String nonce,
    Challenge challenge) {
  private static final List<String> NAMES = List.of("md5", "sha-256", "sha-512-256");
  private static final List<String> HASHES = List.of("MD5", "SHA-256", "SHA-512/256");

  /** How to answer a challenge; empty where it cannot be. */
  public static Optional<Digest> of(Challenge challenge) {
    String algorithm = challenge.parameter("algorithm").orElse("md5").toLowerCase(Locale.ROOT);
    boolean session = algorithm.endsWith("-sess");
    int known = NAMES.indexOf(session ? algorithm.substring(0, algorithm.length() - 5) : algorithm);
    Optional<String> qop = qop(challenge);
    String realm = challenge.parameters().get("realm");
    String nonce = challenge.parameters().get("nonce");
    if (!challenge.scheme().equals("digest")
        || known < 0
        || qop.isEmpty()
        || realm == null
        || nonce == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Digest(HASHES.get(known), known, session, qop.get(), realm, nonce, challenge));
  }

  private static Optional<String> qop(Challenge challenge) {
    Optional<String> offered = challenge.parameter("qop");
    if (offered.isEmpty()) {
      return Optional.of("");
    }
    List<String> all =
        Arrays.stream(offered.get().toLowerCase(Locale.ROOT).split(","))
            .map(String::strip)
            .toList();
    return List.of("auth", "auth-int").stream().filter(all::contains).findFirst();
  }

  /** Whether only the nonce was out of date, and not what was answered (section 3.3). */
  public boolean stale() {
    return challenge.parameter("stale").filter("true"::equalsIgnoreCase).isPresent();
  }

  /**
   * The value of an {@code Authorization} field.
   *
   * @param nonce the challenge's, or the next one that the server gave
   * @param count how often the nonce is used with this: from 1
   * @param own this side's nonce, one for all answers to the challenge: a session's secret is bound
   *     to it and to the challenge's (section 3.4.2)
   */
  public String answer(
      String user,
      String password,
      String method,
      String target,
      byte[] body,
      String nonce,
      int count,
      String own) {
    String secret = hex(octets(user) + ":" + realm + ":" + octets(password));
    if (session) {
      secret = hex(secret + ":" + this.nonce + ":" + own);
    }
    String what = method + ":" + target;
    if (qop.equals("auth-int")) {
      what += ":" + hex(body);
    }
    String counted = String.format("%08x", count);
    String between = qop.isEmpty() ? "" : counted + ":" + own + ":" + qop + ":";
    String response = hex(secret + ":" + nonce + ":" + between + hex(what));

    StringJoiner answer = new StringJoiner(", ", "Digest ", "");
    boolean hashed = challenge.parameter("userhash").filter("true"::equalsIgnoreCase).isPresent();
    if (hashed) {
      answer.add("username=" + quoted(hex(octets(user) + ":" + realm)));
    } else if (user.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      answer.add("username=" + quoted(user));
    } else {
      answer.add("username*=UTF-8''" + extended(user)); // section 3.4
    }
    answer.add("realm=" + quoted(realm));
    answer.add("nonce=" + quoted(nonce));
    answer.add("uri=" + quoted(target));
    answer.add("response=" + quoted(response));
    challenge.parameter("algorithm").ifPresent(name -> answer.add("algorithm=" + name));
    challenge.parameter("opaque").ifPresent(opaque -> answer.add("opaque=" + quoted(opaque)));
    if (!qop.isEmpty()) {
      answer.add("qop=" + qop).add("nc=" + counted);
    }
    answer.add("cnonce=" + quoted(own)); // RFC 7616 section 3.4 wants it always
    if (hashed) {
      answer.add("userhash=true");
    }
    return answer.toString();
  }

  /** In the form that fields have, where a character is an octet. */
  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private String hex(String octets) {
    return hex(octets.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(hash).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has it", e);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** RFC 8187 section 3.2.1. */
  private static String extended(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x7f && (Character.isLetterOrDigit(c) || "!#$&+-.^_`|~".indexOf(c) >= 0);
      encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return encoded.toString();
  }
}
