package dev.lariat.it.fuzzing;

import dev.lariat.it.fuzzing.Ending.Strictness;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

  private FuzzingServer(Pace pace, List<Case> cases, int port) throws IOException {
    this.listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    this.pace = pace;
    this.cases = cases;
    Thread.ofVirtual().start(this::accept);
  }

  /** A server with the whole catalogue on a port of its own choice. */
  public static FuzzingServer start(Pace pace) throws IOException {
    return new FuzzingServer(pace, Catalogue.cases(), 0);
  }

  /**
   * A server for the tests of those who drive one: case 1.1.1 can be passed, 1.1.2 cannot, and
   * 1.1.3 does not end.
   */
  public static FuzzingServer unfair() throws IOException {
    Cases unfair = new Cases().group("1.1");
    List<Step> hello = Step.together(Frame.text("hello"));
    unfair.add("Wants an echo", Script.of(hello, Ending.NORMAL, Heard.text("hello")));
    unfair.add(
        "Wants another echo than it can get",
        Script.of(hello, Ending.failed(1002).strictness(Strictness.SIDE), Heard.text("goodbye")));
    List<Step> silence = List.of(new Step.Wait(Optional.empty(), false));
    unfair.add("Is silent for a day", Script.of(silence, Ending.NORMAL));
    Pace slow = new Pace(Duration.ofDays(1), Duration.ofMillis(100), 1);
    return new FuzzingServer(slow, unfair.list(), 0);
  }

  /** Serves on port 9001, or the one that is named, until it is interrupted. */
  public static void main(String[] args) throws Exception {
    int port = args.length == 0 ? PORT : Integer.parseInt(args[0]);
    try (FuzzingServer server = new FuzzingServer(Pace.ofTheSystem(), Catalogue.cases(), port)) {
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
        tell("", opening, socket, in);
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
          tell(verdict(number, opening.agent()).json(), opening, socket, in);
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
    if (!text.isEmpty()) {
      link.send(Frame.text(text).octets());
    }
    link.close(1000);
    while (!link.over() && link.await(pace.patience())) {
      // only the client's close frame is of interest
    }
    link.finish(pace.patience());
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
