package consumer;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Does what most users do, once, and says with what.
 *
 * <p>Its arguments: the URI of a page, over TLS; the URI of a WebSocket that echoes; the
 * certificate that both trust, in PEM.
 */
public final class Main {
  private Main() {}

  /** Runs it. */
  public static void main(String[] args) {
    URI page = URI.create(args[0]);
    URI echo = URI.create(args[1]);
    ConnectionOptions options = ConnectionOptions.DEFAULT.tls(Tls.DEFAULT.trust(Path.of(args[2])));
    LiveOptions live =
        LiveOptions.DEFAULT.connection(options).webSocket(WebSocketOptions.compressed());
    try (Connection connection = Lariat.open(page.resolve("/"), options)) {
      System.out.print(connection.get(page.getPath()).text(Duration.ofSeconds(20)));
    }
    try (LiveWebSocket socket = LiveWebSocket.to(echo).options(live).open()) {
      socket.send(new Text("hello hello hello hello"));
      for (Frame frame : socket) {
        System.out.println(frame);
        break;
      }
    }
    // reads the list of public suffixes, a resource
    boolean kept =
        CookieJar.create().set("a=b; Domain=co.uk", new RequestUri(true, "a.co.uk", "/"));
    System.out.println("a cookie for co.uk is " + (kept ? "kept" : "dropped"));
    System.out.println(
        "Java "
            + Runtime.version().feature()
            + ", "
            + (Lariat.class.getModule().isNamed() ? "modules" : "class path"));
  }
}
