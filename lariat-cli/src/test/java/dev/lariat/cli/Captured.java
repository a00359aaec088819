package dev.lariat.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a command writes, and what its writing sets off, on the command's own thread. */
final class Captured extends ByteArrayOutputStream {
  private record Trigger(String pattern, Runnable action) {}

  private final List<Trigger> triggers = new ArrayList<>();

  void when(String pattern, Runnable action) {
    triggers.add(new Trigger(pattern, action));
  }

  PrintStream stream() {
    return new PrintStream(this, true, StandardCharsets.UTF_8);
  }

  String text() {
    return toString(StandardCharsets.UTF_8);
  }

  @Override
  public void flush() {
    for (Trigger trigger : List.copyOf(triggers)) {
      if (Pattern.compile(trigger.pattern(), Pattern.DOTALL).matcher(text()).find()) {
        triggers.remove(trigger);
        trigger.action().run();
      }
    }
  }
}
