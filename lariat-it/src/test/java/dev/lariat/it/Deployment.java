package dev.lariat.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an application needs: its class path, without native libraries, and a server. */
final class Deployment implements AutoCloseable {
  private final HttpServer server;
  private final boolean tls;

  /** A server with TLS or without, on the JDK alone. */
  Deployment(boolean tls) {
    this.tls = tls;
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      if (tls) {
        HttpsServer secure = HttpsServer.create(any, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(Certificates.server()));
        server = secure;
      } else {
        server = HttpServer.create(any, 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", exchange -> answer(exchange, "text/plain", "page"));
    server.createContext(
        "/events", exchange -> answer(exchange, "text/event-stream", "data: one\n\n"));
    server.start();
  }

  private static void answer(HttpExchange exchange, String type, String body) throws IOException {
    try (exchange) {
      byte[] octets = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(200, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  URI uri() {
    return URI.create(
        (tls ? "https" : "http") + "://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** The class path of this test, but for the jars that hold native libraries. */
  static List<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.matches(".*-(linux|osx|windows)-\\w+\\.jar"))
        .filter(entry -> !entry.matches(".*/lariat-cli-[^/]*\\.jar")) // its manifest names some
        .toList();
  }

  /** What a program has said, in lines. */
  record Said(List<String> output, List<String> errors) {}

  /**
   * Runs a program in a JVM without native libraries, to its end.
   *
   * @param folder for what it says
   * @param jars more of them
   * @param options of the JVM
   */
  static Said start(
      Path folder, List<String> jars, List<String> options, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> classPath = new ArrayList<>(classPath());
    classPath.addAll(jars);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), program.getName()));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    new ProcessBuilder(command)
        .redirectOutput(output.toFile())
        .redirectError(errors.toFile())
        .start()
        .waitFor();
    return new Said(Files.readAllLines(output), Files.readAllLines(errors));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
