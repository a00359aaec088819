package dev.lariat.spring;

import java.io.Serial;

/** A property under {@code lariat} has a value that is not allowed, or names what is not there. */
public final class BadPropertyException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** The name of the property. */
  private final String property;

  BadPropertyException(String property, Object value, String why) {
    super(property + ": " + value + ": " + why);
    this.property = property;
  }

  /** {@return the name of the property, such as {@code lariat.feeds.quotes.healing.first}} */
  public String property() {
    return property;
  }
}
