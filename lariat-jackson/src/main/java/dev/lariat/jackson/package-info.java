/**
 * Values as JSON by Jackson 3: {@link dev.lariat.jackson.Jackson} makes codecs, which you pass to
 * Lariat's methods.
 */
@NullMarked
package dev.lariat.jackson;

import org.jspecify.annotations.NullMarked;
