/**
 * Stores of cookies: a {@link dev.lariat.cookie.store.CookieJar} in memory, and a {@link
 * dev.lariat.cookie.store.CookieFile} that also writes them to a file.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="cookies"}
 *
 * <p>{@link dev.lariat.option.CookieLimits} limits the number of cookies.
 */
@NullMarked
package dev.lariat.cookie.store;

import org.jspecify.annotations.NullMarked;
