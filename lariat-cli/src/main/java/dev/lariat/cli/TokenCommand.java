package dev.lariat.cli;

import dev.lariat.option.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A command of the user's whose output is a token. No sentence shows that output, nor what the
 * library says of a token that it refuses.
 *
 * @param command for the shell
 */
record TokenCommand(String command) {
  private static final int LIMIT = 64 << 10; // more than any server takes in a header

  /** Runs the command; if the thread is interrupted, the command is killed. */
  Credentials run() throws TokenException, InterruptedException {
    Process process = start();
    try {
      CompletableFuture<String> printed = read(process.getInputStream());
      CompletableFuture<String> complaint = read(process.getErrorStream());
      int exit = process.waitFor();
      if (exit != 0) {
        throw new TokenException("failed with exit code " + exit + lastLine(complaint.get()) + ".");
      }
      return credentials(printed.get().strip());
    } catch (ExecutionException e) {
      throw new TokenException("wrote something that cannot be read.");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start() throws TokenException {
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    List<String> shell = windows ? List.of("cmd.exe", "/c", command) : List.of("sh", "-c", command);
    try {
      Process process = new ProcessBuilder(shell).start();
      process.getOutputStream().close(); // the input of ws is not the command's
      return process;
    } catch (IOException e) {
      throw new TokenException("cannot be started: " + e.getMessage() + ".");
    }
  }

  /** Reads to the end, so that the command does not wait; what is beyond the limit is dropped. */
  private static CompletableFuture<String> read(InputStream stream) {
    CompletableFuture<String> read = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("lariat-token")
        .start(
            () -> {
              try (stream) {
                byte[] bytes = stream.readNBytes(LIMIT);
                stream.transferTo(OutputStream.nullOutputStream());
                read.complete(new String(bytes, StandardCharsets.UTF_8));
              } catch (IOException e) {
                read.completeExceptionally(e);
              }
            });
    return read;
  }

  private static String lastLine(String complaint) {
    return complaint
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .reduce((before, after) -> after)
        .map(line -> ": " + (line.endsWith(".") ? line.substring(0, line.length() - 1) : line))
        .orElse("");
  }

  private static Credentials credentials(String token) throws TokenException {
    if (token.isEmpty()) {
      throw new TokenException("printed no token.");
    }
    try {
      return Credentials.bearer(token);
    } catch (IllegalArgumentException e) { // which may quote it
      throw new TokenException(
          "printed something that is not a bearer token (RFC 6750 section 2.1).");
    }
  }
}
