package dev.lariat.examples.readme;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import java.net.URI;
import java.time.Duration;

public class GetPage {
  public static void main(String[] args) {
    try (var connection = Lariat.open(URI.create(args[0]))) {
      var answer = Caller.on(connection).get("/", Duration.ofSeconds(5));
      System.out.println(answer.status());
      System.out.println(answer.text()); // body() has the bytes
    } catch (FailedException e) {
      System.out.println(e.reason().sentence());
    }
  }
}
