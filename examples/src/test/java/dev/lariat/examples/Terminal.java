package dev.lariat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Captures what the programs of a test print. */
final class Terminal implements BeforeEachCallback, AfterEachCallback {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Override
  public void beforeEach(ExtensionContext test) {
    System.setOut(new PrintStream(printed, true, UTF_8));
  }

  @Override
  public void afterEach(ExtensionContext test) {
    System.setOut(before);
  }

  List<String> lines() {
    return printed.toString(UTF_8).lines().toList();
  }
}
