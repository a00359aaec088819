package dev.lariat.examples;

import dev.lariat.Lariat;
import java.net.URI;
import java.time.Duration;

/** The short program of the page on compatibility. */
final class FirstSteps {
  private FirstSteps() {}

  static void page(URI uri) {
    try (var connection = Lariat.open(uri)) {
      String page = connection.get("/").text(Duration.ofSeconds(5));
      System.out.println(page);
    }
  }
}
