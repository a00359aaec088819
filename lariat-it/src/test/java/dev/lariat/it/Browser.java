package dev.lariat.it;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Message;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chromium without a screen, with one tab. It is driven by the Chrome DevTools Protocol, over a
 * WebSocket of Lariat.
 */
final class Browser implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String LEAST_CONTRAST =
      """
      (() => {
        const rgb = (color) => color.match(/[0-9.]+/g).slice(0, 3).map(Number)
        const light = (color) => {
          const [r, g, b] = rgb(color).map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
          return 0.2126 * r + 0.7152 * g + 0.0722 * b
        }
        const back = light(getComputedStyle(document.body).backgroundColor)
        const texts = [...document.querySelectorAll('body :not(svg, svg *), svg text')]
          .filter((e) => e.textContent.trim())
        return Math.min(...texts.map((e) => {
          const style = getComputedStyle(e)
          const ink = light(e.closest('svg') ? style.fill : style.color)
          return (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05)
        }))
      })()
      """;

  private final Path profile;
  private final Process process;
  private final Mailbox mailbox = Mailbox.create();
  private final Connection connection;
  private final WebSocket socket;
  private final String session;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> loaded = new ArrayList<>();
  private int last; // the number of the newest command

  Browser() throws IOException, InterruptedException {
    profile = Files.createTempDirectory("lariat-chromium");
    process =
        new ProcessBuilder(
                Peer.CHROMIUM.program(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    URI uri = URI.create(listening());
    URI origin = URI.create("ws://" + uri.getRawAuthority());
    ConnectionOptions options = ConnectionOptions.DEFAULT;
    connection = Lariat.open(origin, options, mailbox);
    socket = connection.webSocket(uri.getRawPath());
    String target = field(call("Target.createTarget", "{\"url\":\"about:blank\"}", ""), "targetId");
    String attach = "{\"targetId\":\"" + target + "\",\"flatten\":true}";
    session = field(call("Target.attachToTarget", attach, ""), "sessionId");
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      command(domain + ".enable", "{}");
    }
  }

  private String listening() throws IOException {
    BufferedReader said = process.errorReader();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        Thread.ofVirtual().start(() -> said.lines().forEach(_ -> {})); // its pipe must not be full
        return matcher.group(1);
      }
    }
    throw new IllegalStateException("Chromium ended at once");
  }

  /** Opens a file, on a screen of this width. */
  void open(Path file, int width, boolean dark) throws InterruptedException {
    open(file.toUri(), width, dark);
  }

  /** Opens a page, on a screen of this width. */
  void open(URI page, int width, boolean dark) throws InterruptedException {
    loaded.clear();
    command(
        "Emulation.setDeviceMetricsOverride",
        "{\"width\":" + width + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
    command(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\""
            + (dark ? "dark" : "light")
            + "\"}]}");
    command("Page.navigate", "{\"url\":\"" + page + "\"}");
    String done = "";
    while (!done.contains("\"Page.loadEventFired\"")) {
      done = next();
    }
  }

  /** What an expression gives, as text. */
  String evaluate(String expression) throws InterruptedException {
    String quoted = expression.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    String answer = command("Runtime.evaluate", "{\"expression\":\"String(" + quoted + ")\"}");
    return field(answer, "value");
  }

  /** The least contrast of a text to its background: WCAG 2.2 wants 4.5. */
  double leastContrast() throws InterruptedException {
    return Double.parseDouble(evaluate(LEAST_CONTRAST));
  }

  /** Waits until an expression is true. */
  void await(String expression) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!evaluate(expression).equals("true")) {
      if (System.nanoTime() - end > 0) {
        String page = evaluate("document.body.innerText");
        throw new IllegalStateException("never true: " + expression + "\n" + page);
      }
    }
  }

  /** Errors on the console and elsewhere. */
  List<String> complaints() {
    return complaints;
  }

  /** The addresses of all that the newest page has loaded. */
  List<String> loaded() {
    return loaded;
  }

  private String command(String method, String parameters) throws InterruptedException {
    return call(method, parameters, ",\"sessionId\":\"" + session + "\"");
  }

  private String call(String method, String parameters, String more) throws InterruptedException {
    int number = ++last;
    socket.send(
        new Text(
            "{\"id\":"
                + number
                + ",\"method\":\""
                + method
                + "\",\"params\":"
                + parameters
                + more
                + "}"));
    String answer = "";
    while (!answer.startsWith("{\"id\":" + number + ",")) {
      answer = next();
    }
    if (answer.contains("\"error\":{")) {
      throw new IllegalStateException(method + ": " + answer);
    }
    return answer;
  }

  /** Waits for what Chromium says next, and notes complaints. */
  private String next() throws InterruptedException {
    while (true) {
      Message message = mailbox.take(PATIENCE);
      if (message instanceof WebSocketFrame(_, Text(var text))) {
        boolean complains =
            text.contains("\"Runtime.exceptionThrown\"")
                || text.contains("\"Log.entryAdded\"")
                || (text.contains("\"Network.loadingFailed\"")
                    && !text.contains("\"canceled\":true")) // by the page's end
                || text.contains("\"Runtime.consoleAPICalled\"");
        if (complains) {
          complaints.add(text);
        }
        if (text.contains("\"Network.requestWillBeSent\"")) {
          loaded.add(field(text, "url"));
        }
        return text;
      }
      if (message == null) {
        throw new IllegalStateException("Chromium says nothing");
      }
    }
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + name + " in " + json);
    }
    return matcher.group(1).replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\");
  }

  @Override
  public void close() throws IOException {
    connection.close();
    mailbox.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
