package dev.lariat.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Collects the newest prices of a feed, and serves them. */
@SpringBootApplication
class QuotesApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(QuotesApplication.class, arguments);
  }
}
