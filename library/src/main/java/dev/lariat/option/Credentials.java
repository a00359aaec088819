package dev.lariat.option;

/**
 * A name and a password that a {@code Caller} shows to the server which asks for them. They go to
 * the connection's own origin, and to no other.
 *
 * @param user the name; without control characters, and for {@code Basic} without a colon
 * @param password the password; without control characters
 * @param basic whether {@code Basic} is answered (RFC 7617), which shows the password to whoever
 *     reads the connection
 * @param digest whether {@code Digest} is answered (RFC 7616), with MD5, SHA-256 or SHA-512-256; it
 *     is preferred to {@code Basic}
 */
public record Credentials(String user, String password, boolean basic, boolean digest) {

  /** Checks every component. */
  public Credentials {
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
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  /** For {@code Digest} and {@code Basic}: the strongest that the server offers. */
  public static Credentials of(String user, String password) {
    return new Credentials(user, password, true, true);
  }

  /** For {@code Basic} only. */
  public static Credentials basic(String user, String password) {
    return new Credentials(user, password, true, false);
  }

  /** For {@code Digest} only: the password is never sent. */
  public static Credentials digest(String user, String password) {
    return new Credentials(user, password, false, true);
  }

  /** The name, and no password. */
  @Override
  public String toString() {
    return "Credentials[" + user + "]";
  }
}
