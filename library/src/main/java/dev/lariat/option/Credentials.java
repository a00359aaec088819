package dev.lariat.option;

import java.util.regex.Pattern;

/**
 * Credentials for a server that requires authentication. Lariat sends them to the origin that you
 * set them for, and to no other.
 *
 * <ul>
 *   <li>A {@code Caller} sends a name and a password when the server asks for them.
 *   <li>A request, a WebSocket and a live connection send a password at once if you allow only
 *       {@code Basic}. Otherwise they send it when the server asks for it.
 *   <li>A bearer token is always sent at once.
 * </ul>
 */
public sealed interface Credentials {

  /**
   * A name and a password.
   *
   * @param user the name, without control characters, and without a colon for {@code Basic}
   * @param password the password, without control characters
   * @param basic whether Lariat answers {@code Basic} (RFC 7617), which shows the password to
   *     anyone who can read the connection
   * @param digest whether Lariat answers {@code Digest} (RFC 7616), with MD5, SHA-256 or
   *     SHA-512-256; it prefers this to {@code Basic}
   * @param rfc2069 whether Lariat also answers a {@code Digest} challenge without {@code qop},
   *     which some old devices send. The answer contains no value that this side chooses. An
   *     attacker who impersonates the server can therefore choose everything that is hashed with
   *     the password. RFC 7616 section 3.3 allows it for old servers only. False by default
   */
  record Password(String user, String password, boolean basic, boolean digest, boolean rfc2069)
      implements Credentials {

    /** Checks every component. */
    public Password {
      if (hasControl(user) || basic && user.indexOf(':') >= 0) {
        throw Range.refused(
            "credentials.user",
            '"' + user.replaceAll("\\p{Cntrl}", "?") + '"',
            "one without control characters, for Basic without a colon (RFC 7617 section 2)");
      }
      if (hasControl(password)) {
        throw Range.refused(
            "credentials.password",
            "one with control characters",
            "one without (RFC 7617 section 2)");
      }
      if (!basic && !digest) {
        throw Range.refused("credentials", "no scheme", "Basic, Digest or both");
      }
      if (rfc2069 && !digest) {
        throw Range.refused("credentials.rfc2069", true, "only with Digest");
      }
    }

    /**
     * Sets whether Lariat answers a {@code Digest} challenge without {@code qop}; false by default.
     *
     * @param rfc2069 whether to answer such challenges
     * @return a copy of these options with this value
     */
    public Password rfc2069(boolean rfc2069) {
      return new Password(user, password, basic, digest, rfc2069);
    }

    private static boolean hasControl(String text) {
      return text.chars().anyMatch(Character::isISOControl);
    }

    /** Shows the name, but not the password. */
    @Override
    public String toString() {
      return "Credentials[" + user + "]";
    }
  }

  /**
   * A bearer token (RFC 6750).
   *
   * @param token letters, digits and {@code -._~+/}, followed by any number of equals signs
   */
  record Bearer(String token) implements Credentials {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** Checks the token. */
    public Bearer {
      if (!TOKEN.matcher(token).matches()) {
        throw Range.refused(
            "credentials.token",
            "one with other characters",
            "letters, digits and -._~+/, then = (RFC 6750 section 2.1)");
      }
    }

    /** Does not show the token. */
    @Override
    public String toString() {
      return "Credentials[bearer]";
    }
  }

  /**
   * {@return credentials for the strongest of {@code Digest} and {@code Basic} that the server
   * offers}
   *
   * @param user the name of the user
   * @param password the password
   */
  static Password of(String user, String password) {
    return new Password(user, password, true, true, false);
  }

  /**
   * {@return credentials for {@code Basic} only}
   *
   * @param user the name of the user
   * @param password the password
   */
  static Password basic(String user, String password) {
    return new Password(user, password, true, false, false);
  }

  /**
   * {@return credentials for {@code Digest} only, which never sends the password}
   *
   * @param user the name of the user
   * @param password the password
   */
  static Password digest(String user, String password) {
    return new Password(user, password, false, true, false);
  }

  /**
   * {@return a bearer token}
   *
   * @param token the token
   */
  static Credentials bearer(String token) {
    return new Bearer(token);
  }
}
