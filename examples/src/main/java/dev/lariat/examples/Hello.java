package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import java.net.URI;
import java.time.Duration;

/** The program with which the guide's page on installation tries it out. */
public final class Hello {
  public static void main(String[] args) {
    try (Connection connection = Lariat.open(URI.create(args[0]))) {
      System.out.println(connection.get("/").text(Duration.ofSeconds(10)));
    }
  }
}
