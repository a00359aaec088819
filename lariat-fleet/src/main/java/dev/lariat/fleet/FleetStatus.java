package dev.lariat.fleet;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Shows how a {@link Fleet} stands on this node, to a browser and to programs: a page that follows
 * what happens, and {@code /status.json}. It only reads. It has no login, so by default only
 * programs of this machine can ask.
 *
 * <p>A web site could let its own name lead to this machine, and so read the page of its visitor's
 * fleet. Therefore requests are answered only if their {@code Host} is an address, {@code
 * localhost} or a name that you allow.
 */
public final class FleetStatus implements AutoCloseable {
  private static final int MOST_VIEWERS = 32; // of the page; each costs a thread
  private static final int MOST_WAITING = 1000; // events for a viewer who does not read
  private static final int REMEMBERED = 100; // events that a new viewer gets
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-f:.]+]");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Fleet fleet;
  private final HttpServer server;
  private final Set<String> names;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final FleetListener listener = this::happened;
  private final String page = page();

  private final Lock lock = new ReentrantLock();
  private final Deque<String> happened = new ArrayDeque<>(); // the newest ones; under the lock
  private final Set<BlockingQueue<String>> viewers = new HashSet<>(); // under the lock

  private FleetStatus(Fleet fleet, HttpServer server, Set<String> names) {
    this.fleet = fleet;
    this.server = server;
    this.names = names;
  }

  /**
   * Shows a fleet to the programs of this machine.
   *
   * @param fleet the fleet
   * @param port the port on the loopback address; 0 for any free one
   * @return the server, which you close before the fleet
   * @throws IOException if the port is taken
   * @throws IllegalArgumentException if the port is out of range
   */
  public static FleetStatus serve(Fleet fleet, int port) throws IOException {
    Allowed.range("status.port", port, 0, 0xffff);
    return serve(fleet, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /**
   * Shows a fleet at this address. Everybody who reaches it can read the ids of the feeds, their
   * positions, and why they wait.
   *
   * @param fleet the fleet
   * @param address the address
   * @param names the names by which it may be asked, beside {@code localhost} and addresses
   * @return the server, which you close before the fleet
   * @throws IOException if the address cannot be used
   */
  public static FleetStatus serve(Fleet fleet, InetSocketAddress address, String... names)
      throws IOException {
    Allowed.present("status.fleet", fleet);
    Set<String> allowed = new HashSet<>(Set.of("localhost"));
    for (String name : names) {
      allowed.add(name.toLowerCase(Locale.ROOT));
    }
    HttpServer server = HttpServer.create(address, 0);
    FleetStatus status = new FleetStatus(fleet, server, allowed);
    server.setExecutor(status.threads);
    server.createContext("/", status::answer);
    fleet.listen(status.listener);
    server.start();
    return status;
  }

  /** {@return the URI of the page} */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    String written = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + written + ":" + address.getPort() + "/");
  }

  /** Ends the server, and its connections. The fleet goes on. */
  @Override
  public void close() {
    fleet.unlisten(listener);
    threads.shutdownNow();
    server.stop(0);
  }

  private static String page() {
    try (InputStream page = FleetStatus.class.getResourceAsStream("status.html")) {
      if (page == null) {
        throw new IllegalStateException("status.html is missing in the jar");
      }
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- requests

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!allowed(exchange.getRequestHeaders())) {
        send(exchange, 403, "text/plain", "This Host is not allowed: use an address.\n");
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, 405, "text/plain", "Allowed: GET, HEAD.\n");
      } else {
        switch (exchange.getRequestURI().getPath()) {
          case "/" -> sendPage(exchange);
          case "/status.json" -> send(exchange, 200, "application/json", status());
          case "/events" -> follow(exchange);
          default -> send(exchange, 404, "text/plain", "Here are /, /events and /status.json.\n");
        }
      }
    }
  }

  private boolean allowed(Headers headers) {
    List<String> hosts = headers.getOrDefault("Host", List.of());
    if (hosts.size() != 1) {
      return false;
    }
    String host = hosts.getFirst().toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
    return ADDRESS.matcher(host).matches() || names.contains(host);
  }

  private void sendPage(HttpExchange exchange) throws IOException {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    String nonce = Base64.getEncoder().encodeToString(random);
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; connect-src 'self'; img-src data:; style-src 'nonce-NONCE';"
                    .replace("NONCE", nonce)
                + " script-src 'nonce-"
                + nonce
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    send(exchange, 200, "text/html", page.replace("{nonce}", nonce));
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    headers(exchange, type + "; charset=utf-8");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : content.length);
    if (!head) {
      exchange.getResponseBody().write(content);
    }
  }

  private static void headers(HttpExchange exchange, String type) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
  }

  private String status() {
    FleetInfo info = fleet.info();
    return StatusText.of(info, fleet.slots(), info.feeds(), List.of()) + "\n";
  }

  // ---- those who follow

  private void happened(FleetEvent event) {
    String text = StatusText.of(Instant.now(), event);
    lock.lock();
    try {
      happened.addLast(text);
      if (happened.size() > REMEMBERED) {
        happened.removeFirst();
      }
      viewers.removeIf(viewer -> !viewer.offer(text)); // who does not read has to ask again
    } finally {
      lock.unlock();
    }
  }

  private void follow(HttpExchange exchange) throws IOException {
    BlockingQueue<String> viewer = new LinkedBlockingQueue<>(MOST_WAITING);
    if (!enter(viewer)) {
      send(exchange, 503, "text/plain", "There are " + MOST_VIEWERS + " viewers already.\n");
      return;
    }
    try {
      headers(exchange, "text/event-stream");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : 0);
      if (!head) {
        follow(exchange.getResponseBody(), viewer);
      }
    } catch (InterruptedException e) {
      // the server is closed
    } finally {
      leave(viewer);
    }
  }

  private boolean enter(BlockingQueue<String> viewer) {
    lock.lock();
    try {
      if (viewers.size() == MOST_VIEWERS) {
        return false;
      }
      viewer.addAll(happened);
      return viewers.add(viewer);
    } finally {
      lock.unlock();
    }
  }

  private void leave(BlockingQueue<String> viewer) {
    lock.lock();
    try {
      viewers.remove(viewer);
    } finally {
      lock.unlock();
    }
  }

  private boolean isViewer(BlockingQueue<String> viewer) {
    lock.lock();
    try {
      return viewers.contains(viewer);
    } finally {
      lock.unlock();
    }
  }

  /** Sends what happens at once, and every second what has changed. */
  private void follow(OutputStream out, BlockingQueue<String> viewer)
      throws IOException, InterruptedException {
    Map<String, FeedInfo> shown = new HashMap<>();
    while (isViewer(viewer)) {
      event(out, "status", changes(shown));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
      String text = viewer.poll(1, TimeUnit.SECONDS);
      while (text != null) {
        event(out, "happened", text);
        text = viewer.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    }
  }

  private String changes(Map<String, FeedInfo> shown) {
    FleetInfo info = fleet.info();
    Collection<FeedInfo> changed = new ArrayList<>();
    Set<String> removed = new HashSet<>(shown.keySet());
    for (FeedInfo feed : info.feeds()) {
      removed.remove(feed.id());
      if (!feed.equals(shown.put(feed.id(), feed))) {
        changed.add(feed);
      }
    }
    shown.keySet().removeAll(removed);
    return StatusText.of(info, fleet.slots(), changed, removed);
  }

  private static void event(OutputStream out, String type, String data) throws IOException {
    out.write(("event: " + type + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
