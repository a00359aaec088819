package dev.lariat.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;

/** Runs the program in this process, with pipes. */
@Timeout(60)
abstract class CommandTest {
  final Captured out = new Captured();
  final Captured err = new Captured();

  int run(String input, String... arguments) {
    return run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), arguments);
  }

  int run(InputStream input, String... arguments) {
    return run(input, out, arguments);
  }

  int run(InputStream input, OutputStream output, String... arguments) {
    return Main.run(new Io(input, new Output(output), err.stream(), false), arguments);
  }

  static void type(OutputStream keyboard, String text) {
    try {
      keyboard.write(text.getBytes(StandardCharsets.UTF_8));
      keyboard.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void end(OutputStream keyboard) {
    try {
      keyboard.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
