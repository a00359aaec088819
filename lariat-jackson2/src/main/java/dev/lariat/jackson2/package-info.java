/**
 * Values as JSON by Jackson 2: {@link dev.lariat.jackson2.Jackson2} makes codecs, which you pass to
 * Lariat's methods.
 */
@NullMarked
package dev.lariat.jackson2;

import org.jspecify.annotations.NullMarked;
