package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.RawOptions;
import java.time.Duration;

/**
 * Uses a protocol that is not HTTP. It sends a line and reads the answer to its end, as WHOIS does
 * (RFC 3912). Then it asks again on a connection that reconnects, until that is lost twice. Run it
 * against any such server: {@code Raw localhost 43 example.com}.
 */
public final class Raw {
  private static final ConnectionOptions RAW = ConnectionOptions.DEFAULT.protocols(Protocol.RAW);

  public static void main(String[] args) throws InterruptedException {
    String host = args[0];
    int port = Integer.parseInt(args[1]);
    String question = args[2] + "\r\n";
    ask(host, port, question);
    stay(host, port, question);
  }

  private static void ask(String host, int port, String question) {
    try (Connection connection = Lariat.open(host, port, RAW)) {
      Exchange whois = connection.raw();
      whois.data(Bytes.ofUtf8(question), false);
      System.out.println(whois.text(Duration.ofSeconds(10)).strip());
    }
  }

  private static void stay(String host, int port, String question) throws InterruptedException {
    int ends = 0;
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, RAW, mailbox)) {
      while (true) {
        switch (mailbox.take(Duration.ofSeconds(30))) {
          case Up up ->
              connection.raw(RawOptions.DEFAULT.credit(1)).data(Bytes.ofUtf8(question), true);
          case Data data when !data.bytes().isEmpty() -> {
            System.out.println(data.bytes().utf8().strip());
            Exchange.of(data.stream()).credit(1);
          }
          case StreamFailed failed -> System.out.println(failed.reason().sentence());
          case Down down -> {
            if (++ends == 2) {
              return;
            }
          }
          case Terminated end -> {
            return;
          }
          case null -> {
            return; // silent for too long
          }
          case Message other -> {}
        }
      }
    }
  }
}
