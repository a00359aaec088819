package dev.lariat.option;

import java.util.regex.Pattern;

/**
 * What is shown to a server that lets in whom it knows. It goes to the origin that it is given for,
 * and to no other.
 *
 * <ul>
 *   <li>A {@code Caller} shows a name and a password when the server asks for them.
 *   <li>A request, a WebSocket and a live connection show a password at once where {@code Basic} is
 *       the only scheme that is allowed, and when the server asks for it otherwise.
 *   <li>A bearer token is always shown at once.
 * </ul>
 */
public sealed interface Credentials {

  /**
   * A name and a password.
   *
   * @param user the name; without control characters, and for {@code Basic} without a colon
   * @param password the password; without control characters
   * @param basic whether {@code Basic} is answered (RFC 7617), which shows the password to whoever
   *     reads the connection
   * @param digest whether {@code Digest} is answered (RFC 7616), with MD5, SHA-256 or SHA-512-256;
   *     it is preferred to {@code Basic}
   * @param rfc2069 whether a {@code Digest} challenge without {@code qop} is answered too, as old
   *     devices ask. Its answer holds nothing of this side's, so that who poses as the server can
   *     choose all that is hashed beside the password; RFC 7616 section 3.3 keeps it for old
   *     servers only. False by default
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
     * Sets whether a {@code Digest} challenge without {@code qop} is answered; false by default.
     *
     * @param rfc2069 whether such challenges are answered
     * @return a copy of these options with this value
     */
    public Password rfc2069(boolean rfc2069) {
      return new Password(user, password, basic, digest, rfc2069);
    }

    private static boolean hasControl(String text) {
      return text.chars().anyMatch(Character::isISOControl);
    }

    /** The name, and no password. */
    @Override
    public String toString() {
      return "Credentials[" + user + "]";
    }
  }

  /**
   * A bearer token (RFC 6750).
   *
   * @param token letters, digits and {@code -._~+/}, with equals signs at its end
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

    /** No token. */
    @Override
    public String toString() {
      return "Credentials[bearer]";
    }
  }

  /**
   * {@return for {@code Digest} and {@code Basic}: the strongest that the server offers}
   *
   * @param user the name of the user
   * @param password the password
   */
  static Password of(String user, String password) {
    return new Password(user, password, true, true, false);
  }

  /**
   * {@return for {@code Basic} only}
   *
   * @param user the name of the user
   * @param password the password
   */
  static Password basic(String user, String password) {
    return new Password(user, password, true, false, false);
  }

  /**
   * {@return for {@code Digest} only: the password is never sent}
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
