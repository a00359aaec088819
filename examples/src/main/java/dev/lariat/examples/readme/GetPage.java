package dev.lariat.examples.readme;

import dev.lariat.FailedException;
import dev.lariat.client.Client;
import java.time.Duration;

public class GetPage {
  public static void main(String[] args) {
    try (var client = Client.open()) {
      var answer = client.get(args[0], Duration.ofSeconds(5));
      System.out.println(answer.status());
      System.out.println(answer.text()); // body() has the bytes
    } catch (FailedException e) {
      System.out.println(e.reason().sentence());
    }
  }
}
