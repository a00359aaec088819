package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.store.CookieFile;
import dev.lariat.message.Data;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Visits a server twice, on two connections that share the cookies of one file. curl reads the same
 * file: {@code curl -b cookies.txt}.
 *
 * <p>Run it against any server: {@code Cookies localhost 8080 cookies.txt}.
 */
public final class Cookies {
  public static void main(String[] args) throws IOException, InterruptedException {
    run(args[0], Integer.parseInt(args[1]), Path.of(args[2]));
  }

  static void run(String host, int port, Path file) throws IOException, InterruptedException {
    try (CookieFile cookies = CookieFile.open(file)) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.cookies(cookies);
      for (int visit = 1; visit <= 2; visit++) {
        try (Connection connection = Lariat.open(host, port, options)) {
          read(connection.mailbox(), connection.request(Request.of("GET", "/")));
        }
      }
      for (Cookie cookie : cookies.jar().all()) {
        System.out.println("kept: " + cookie); // without its value, which may be a secret
      }
    }
  }

  private static void read(Mailbox mailbox, Exchange page) throws InterruptedException {
    boolean fin = false;
    while (!fin) {
      fin =
          switch (mailbox.await(page, Duration.ofSeconds(10))) {
            case Response response -> response.fin();
            case Data data -> {
              System.out.println(data.bytes().utf8());
              yield data.fin();
            }
            case StreamFailed failed -> {
              System.out.println(failed.reason().sentence());
              yield true;
            }
            case null -> true; // too slow
            default -> false;
          };
    }
  }
}
