package dev.lariat.cli;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** What {@link Training} talks to, until it ends: one that echoes, HTTP/2, events, and TLS. */
final class TrainingServers {
  private static final char[] PASSWORD = "training".toCharArray(); // opens nothing else

  private TrainingServers() {}

  /**
   * Writes a line for each server: its host and its port.
   *
   * @param args a file with the key and the certificate of the one with TLS: PKCS #12
   */
  public static void main(String[] args) throws Exception {
    EchoServer echo = EchoServer.start(0);
    Origin http2 = Origin.start(TrainingServers::object);
    Origin events = Origin.start(visit -> visit.events().send("event"));
    ServerSocket tls = tls(Path.of(args[0]));
    for (int port : new int[] {echo.port(), http2.port(), events.port(), tls.getLocalPort()}) {
      System.out.println("127.0.0.1:" + port + "/");
    }
    answer(tls);
  }

  private static void object(Visit visit) throws IOException {
    if (visit.request() != null) {
      visit.respond(
          200, Headers.of("content-type", "application/json"), Bytes.ofUtf8("{\"ok\":true}"));
    }
  }

  /** A server of the JDK's, because that of the test kit needs more jars for TLS. */
  private static ServerSocket tls(Path keys) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(keys)) {
      store.load(file, PASSWORD);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context
        .getServerSocketFactory()
        .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static void answer(ServerSocket server) throws IOException {
    try (Socket socket = server.accept()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String line = in.readLine();
      while (line != null && !line.isEmpty()) {
        line = in.readLine();
      }
      String response = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
      socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
      while (line != null) {
        line = in.readLine(); // until the client has gone
      }
    }
  }
}
