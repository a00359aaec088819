package dev.lariat.internal.entrance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** This library and its version, as the build has written it. */
public final class Product {
  private Product() {}

  /** As servers are told (RFC 9110 section 10.1.5): {@code lariat/1.2.3}. */
  public static String userAgent() {
    try (InputStream version = Product.class.getResourceAsStream("version.txt")) {
      if (version == null) {
        return "lariat"; // repackaged without it
      }
      String number = new String(version.readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean built = !number.startsWith("$"); // and not copied by a build that knows no filters
      return built ? "lariat/" + number : "lariat";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
