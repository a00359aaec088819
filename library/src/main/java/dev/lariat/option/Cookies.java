package dev.lariat.option;

import dev.lariat.cookie.CookieStore;

/**
 * Which cookies a connection keeps, and where.
 *
 * @param store where the cookies are kept; any number of connections can share it
 * @param ignoreInformational whether to ignore the cookies of informational responses, including
 *     the 101 of an upgrade; false by default
 */
public record Cookies(CookieStore store, boolean ignoreInformational) {

  /**
   * {@return the cookies of every response, in this store}
   *
   * @param store the store
   */
  public static Cookies in(CookieStore store) {
    return new Cookies(store, false);
  }

  /**
   * Sets whether to ignore the cookies of informational responses; false by default.
   *
   * @param ignoreInformational whether they are ignored
   * @return a copy of these options with this value
   */
  public Cookies ignoreInformational(boolean ignoreInformational) {
    return new Cookies(store, ignoreInformational);
  }
}
