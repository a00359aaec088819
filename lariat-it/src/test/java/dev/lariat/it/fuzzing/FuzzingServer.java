package dev.lariat.it.fuzzing;

import dev.lariat.it.fuzzing.Ending.Strictness;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A server that speaks the client protocol of the Autobahn fuzzing server: it tells how many cases
 * there are and what they are, plays them with whoever connects, and tells what it thinks of that.
 * Each connection has a virtual thread of its own, so several agents may be judged at once.
 */
public final class FuzzingServer implements AutoCloseable {
  private static final int PORT = 9001;

  private final ServerSocket listening;
  private final Pace pace;
  private final List<Case> cases;
  private final Map<String, CompletableFuture<Verdict>> verdicts = new ConcurrentHashMap<>();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Queue<String> reported = new ConcurrentLinkedQueue<>();
  private final Optional<Path> reports;

  private FuzzingServer(Pace pace, List<Case> cases, int port, Optional<Path> reports)
      throws IOException {
    this.listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    this.pace = pace;
    this.cases = cases;
    this.reports = reports;
    Thread.ofVirtual().start(this::accept);
  }

  /** A server with the whole catalogue on a port of its own choice. */
  public static FuzzingServer start(Pace pace) throws IOException {
    return new FuzzingServer(pace, Catalogue.cases(), 0, Optional.empty());
  }

  /** The same, which writes its reports into this folder. */
  public static FuzzingServer start(Pace pace, Path reports) throws IOException {
    return new FuzzingServer(pace, Catalogue.cases(), 0, Optional.of(reports));
  }

  /**
   * A server for the tests of those who drive one: case 1.1.1 can be passed, 1.1.2 cannot, and
   * 1.1.3 does not end. Case 2.1.1 is passed, but for its close.
   *
   * @param reports the folder of its reports; one that is not there cannot be written to
   */
  public static FuzzingServer unfair(Path reports) throws IOException {
    Cases unfair = new Cases().group("1.1");
    List<Step> hello = Step.together(Frame.text("hello"));
    unfair.add("Wants an echo", Script.of(hello, Ending.NORMAL, Heard.text("hello")));
    unfair.add(
        "Wants another echo than it can get",
        Script.of(hello, Ending.failed(1002).strictness(Strictness.SIDE), Heard.text("goodbye")));
    List<Step> silence = List.of(new Step.Wait(Optional.empty(), false));
    unfair.add("Is silent for a day", Script.of(silence, Ending.NORMAL));
    unfair.group("2.1");
    unfair.add(
        "Wants a close that does not come",
        Script.of(hello, Ending.failed(1002), Heard.text("hello")));
    Pace slow = new Pace(Duration.ofDays(1), Duration.ofMillis(100), 1);
    return new FuzzingServer(slow, unfair.list(), 0, Optional.of(reports));
  }

  /**
   * Serves on port 9001, or the one that is named, until it is interrupted. The folder of the
   * reports is a system property.
   */
  public static void main(String[] args) throws Exception {
    int port = args.length == 0 ? PORT : Integer.parseInt(args[0]);
    Optional<Path> reports =
        Optional.of(System.getProperty("reports", ""))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of);
    try (FuzzingServer server =
        new FuzzingServer(Pace.ofTheSystem(), Catalogue.cases(), port, reports)) {
      System.out.println(server.cases.size() + " cases at " + server.uri());
      Thread.currentThread().join();
    }
  }

  /** Where it is. */
  public URI uri() {
    return URI.create("ws://127.0.0.1:" + listening.getLocalPort());
  }

  /** The agents that asked for their reports. */
  public List<String> reported() {
    return List.copyOf(reported);
  }

  /** The number that the protocol has for a case. */
  int number(String id) {
    return 1 + cases.stream().map(Case::id).toList().indexOf(id);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        socket.setTcpNoDelay(true); // a piece is to be sent as a piece
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // the server is closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Optional<Opening> opening = Opening.read(in);
      if (opening.isEmpty() || !serve(opening.get(), socket, in)) {
        socket.getOutputStream().write(Opening.refusal());
      }
    } catch (IOException e) {
      // the client is gone
    } finally {
      sockets.remove(socket);
    }
  }

  /** Answers an opening handshake; false where there is nothing of this name. */
  private boolean serve(Opening opening, Socket socket, InputStream in) throws IOException {
    int number = opening.number();
    boolean known = number >= 1 && number <= cases.size();
    switch (opening.path()) {
      case "/getCaseCount" -> tell(String.valueOf(cases.size()), opening, socket, in);
      case "/updateReports" -> {
        reported.add(opening.agent());
        socket.getOutputStream().write(opening.accept(Optional.empty()));
        report(); // if it cannot, the connection is gone without a goodbye, as the suite's is
        end(new Link(socket, in, Optional.empty()));
      }
      case "/getCaseInfo" -> {
        if (known) {
          Case asked = cases.get(number - 1);
          String info = "{\"id\": \"%s\", \"description\": \"%s\"}";
          tell(info.formatted(asked.id(), asked.description()), opening, socket, in);
        }
        return known;
      }
      case "/getCaseStatus" -> {
        if (known) {
          tell(verdict(number, opening.agent()).status(), opening, socket, in);
        }
        return known;
      }
      case "/runCase" -> {
        if (known) {
          play(cases.get(number - 1), opening, socket, in);
        }
        return known;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void tell(String text, Opening opening, Socket socket, InputStream in)
      throws IOException {
    socket.getOutputStream().write(opening.accept(Optional.empty()));
    Link link = new Link(socket, in, Optional.empty());
    link.send(Frame.text(text).octets());
    end(link);
  }

  private void end(Link link) throws IOException {
    link.close(1000);
    while (!link.over() && link.await(pace.patience())) {
      // only the client's close frame is of interest
    }
    link.finish(pace.patience());
  }

  /** Writes the index of the reports: an object for each agent, in it one for each case. */
  private void report() throws IOException {
    if (reports.isEmpty()) {
      return;
    }
    Map<String, Map<String, String>> agents = new TreeMap<>();
    verdicts.forEach(
        (key, verdict) -> {
          String[] parts = key.split(" ", 2);
          if (verdict.isDone()) {
            agents
                .computeIfAbsent(parts[1], agent -> new LinkedHashMap<>())
                .put(cases.get(Integer.parseInt(parts[0]) - 1).id(), verdict.join().reported());
          }
        });
    Files.writeString(reports.get().resolve("index.json"), json(agents, of -> json(of, it -> it)));
  }

  private static <T> String json(Map<String, T> members, Function<T, String> value) {
    return members.entrySet().stream()
        .map(member -> "\"" + member.getKey() + "\": " + value.apply(member.getValue()))
        .collect(Collectors.joining(",\n", "{\n", "\n}"));
  }

  private void play(Case played, Opening opening, Socket socket, InputStream in)
      throws IOException {
    CompletableFuture<Verdict> verdict =
        verdicts.compute(
            key(opening.number(), opening.agent()),
            (key, before) ->
                before == null || before.isDone() ? new CompletableFuture<>() : before);
    try {
      Optional<Terms> compression = Wish.agree(played.wishes(), opening.offers());
      socket.getOutputStream().write(opening.accept(compression));
      Link link = new Link(socket, in, compression);
      verdict.complete(played.play().apply(pace).with(link, pace));
    } catch (IOException | RuntimeException e) {
      verdict.complete(new Verdict(Mark.FAILED, Mark.FAILED, e.toString()));
      throw e;
    }
  }

  /** The verdict, for which a client may ask while its case is still ending. */
  Verdict verdict(int number, String agent) {
    try {
      return verdicts
          .computeIfAbsent(key(number, agent), key -> new CompletableFuture<>())
          .get(pace.patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Verdict(Mark.FAILED, Mark.FAILED, "the case has not ended");
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("nobody does that to a server", e);
    }
  }

  private static String key(int number, String agent) {
    return number + " " + agent;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
