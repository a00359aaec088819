package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs about content, against a server that compresses and has events. */
@Timeout(30)
class ContentExamplesTest {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() throws IOException {
    System.setOut(before);
    server.close();
  }

  private List<String> lines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String port() {
    return String.valueOf(server.getLocalPort());
  }

  @Test
  void eventsArePrintedAndAskedForAgain() throws Exception {
    Events.main(new String[] {"127.0.0.1", port(), "/events"});

    assertThat(lines())
        .containsExactly(
            "message: one", "add: two", "lines", "message: three", "no more: status 204");
  }

  @Test
  void bodiesAreDecompressedAndCutIntoLines() throws Exception {
    Bodies.main(new String[] {"127.0.0.1", port(), "/echo"});

    assertThat(lines().subList(0, 3))
        .containsExactly("line: a page", "line: of lines", "line: name=%C3%A4+b&word=x%26y");
    assertThat(lines())
        .contains(
            "line: Content-Disposition: form-data; name=\"title\"",
            "line: A page",
            "line: Content-Disposition: form-data; name=\"file\"; filename=\"page.txt\"",
            "line: two",
            "data: a page");
  }

  private void serve() {
    try (Socket socket = server.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        String head = head(in);
        int length =
            head.lines()
                .filter(line -> line.startsWith("content-length: "))
                .mapToInt(line -> Integer.parseInt(line.substring(16)))
                .findFirst()
                .orElse(0);
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        socket.getOutputStream().write(answer(head, body));
      }
    } catch (IOException e) {
      // the program is done
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the end");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static byte[] answer(String head, String body) throws IOException {
    if (head.startsWith("GET /events")) {
      if (head.contains("last-event-id: 3")) {
        return "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      }
      String events =
          head.contains("last-event-id: 2")
              ? "id: 3\ndata: three\n\n"
              : "retry: 1\ndata: one\n\nid: 2\nevent: add\ndata: two\ndata: lines\n\n";
      return join("Content-Type: text/event-stream", events.getBytes(StandardCharsets.UTF_8));
    }
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(coded)) {
      gzip.write((body.isEmpty() ? "a page\nof lines\n" : body).getBytes(StandardCharsets.UTF_8));
    }
    return join("Content-Type: text/plain\r\nContent-Encoding: gzip", coded.toByteArray());
  }

  private static byte[] join(String headers, byte[] body) {
    String head =
        "HTTP/1.1 200 OK\r\n" + headers + "\r\nContent-Length: " + body.length + "\r\n\r\n";
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    whole.writeBytes(body);
    return whole.toByteArray();
  }
}
