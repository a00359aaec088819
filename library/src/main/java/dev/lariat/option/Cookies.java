package dev.lariat.option;

import dev.lariat.cookie.CookieStore;

/**
 * That a connection has cookies.
 *
 * @param store where they are kept; any number of connections may share it
 * @param ignoreInformational whether those of informational responses, among them the 101 of an
 *     upgrade, are ignored; false by default
 */
public record Cookies(CookieStore store, boolean ignoreInformational) {

  /**
   * {@return cookies of every response}
   *
   * @param store the store
   */
  public static Cookies in(CookieStore store) {
    return new Cookies(store, false);
  }

  /**
   * Sets whether cookies of informational responses are ignored; false by default.
   *
   * @param ignoreInformational whether they are ignored
   * @return a copy of these options with this value
   */
  public Cookies ignoreInformational(boolean ignoreInformational) {
    return new Cookies(store, ignoreInformational);
  }
}
