/**
 * Cookies (RFC 6265bis) and the interface of a store that keeps them.
 *
 * <p>A {@link dev.lariat.cookie.CookieStore} decides which {@link dev.lariat.cookie.Cookie} goes
 * with which request. {@link dev.lariat.cookie.store} has two stores, so you need this package only
 * to write your own or to look at cookies.
 */
@NullMarked
package dev.lariat.cookie;

import org.jspecify.annotations.NullMarked;
