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
        .toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
