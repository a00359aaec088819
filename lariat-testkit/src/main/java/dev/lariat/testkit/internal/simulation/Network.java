package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A simulated network: hosts by name, and what travels between them and the one client. */
public final class Network {
  private static final long LATENCY = TimeUnit.MILLISECONDS.toNanos(1); // one way
  private static final int FIRST_PORT = 40_000; // of the client's
  private static final int PORTS = 20_000;

  private final Scheduler scheduler;
  private final Map<String, HostState> hosts = new LinkedHashMap<>();
  private final Map<InetAddress, HostState> byAddress = new LinkedHashMap<>();
  private final InetAddress client = address("client", 0);
  private int cables;

  Network(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** Lets the caller touch the network, when it is its turn. */
  void enter() {
    scheduler.enter();
  }

  private static InetAddress address(String name, int number) {
    try {
      byte[] bytes = {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
      return InetAddress.getByAddress(name, bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has four bytes", e);
    }
  }

  /** The host of this name, which is known from now on. */
  public HostState host(String name) {
    enter();
    return hosts.computeIfAbsent(
        name.toLowerCase(Locale.ROOT),
        known -> {
          HostState host = new HostState(this, known, address(known, hosts.size() + 1), LATENCY);
          byAddress.put(host.address(), host);
          return host;
        });
  }

  // ---- what the client asks for; on its loops

  CompletableFuture<List<InetAddress>> lookup(String name) {
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    HostState host = hosts.get(name.toLowerCase(Locale.ROOT));
    scheduler.note("lookup of", name);
    scheduler.at(
        scheduler.now() + (host == null ? LATENCY : host.lookupDelay()), () -> answer(name, found));
    return found;
  }

  private void answer(String name, CompletableFuture<List<InetAddress>> found) {
    HostState host = hosts.get(name.toLowerCase(Locale.ROOT));
    Boolean resolves = host == null ? Boolean.FALSE : host.resolves();
    if (resolves == null) {
      return; // nobody answers
    }
    if (host != null && resolves) {
      found.complete(List.of(host.target().address()));
    } else {
      scheduler.note(name, "is unknown");
      found.completeExceptionally(new UnknownHostException(name));
    }
  }

  /** Who connects to a host. */
  interface Caller {

    /** From where it connects. */
    void at(InetSocketAddress address);

    /** Whether it still wants to. */
    boolean isOpen();

    /** The host has accepted. */
    void connected(Cable cable);

    /** The host has refused, or there is none. */
    void failed(IOException cause);
  }

  void connect(Caller caller, InetSocketAddress to) {
    HostState host = byAddress.get(to.getAddress());
    if (host == null) {
      scheduler.at(
          scheduler.now() + LATENCY,
          () -> caller.failed(new NoRouteToHostException("No route to host")));
      return;
    }
    Cable cable = new Cable(this, host, ++cables);
    caller.at(new InetSocketAddress(client, FIRST_PORT + cable.number() % PORTS));
    scheduler.note(cable, "connects to", host.name() + ":" + to.getPort());
    host.begun(cable);
    cable.whenPassed(true, () -> asked(caller, host, to.getPort(), cable));
  }

  /** The request has arrived at the host. */
  private void asked(Caller caller, HostState host, int port, Cable cable) {
    if (!caller.isOpen()) {
      host.ended(cable); // it has given up
      return;
    }
    Optional<Consumer<Wire>> listener = host.listener(port);
    if (listener.isEmpty()) {
      cable.whenPassed(
          false,
          () -> {
            scheduler.note(cable, "is refused");
            host.ended(cable);
            caller.failed(new ConnectException("Connection refused"));
          });
      return;
    }
    scheduler.note(cable, "is accepted");
    listener.get().accept(new SimulatedWire(scheduler, cable, cable.origin()));
    cable.whenPassed(false, () -> caller.connected(cable));
  }

  // ---- what a thread of a server asks for

  /**
   * Connects to a host, as a server does; waits for so many nanoseconds at the most.
   *
   * @param name its name, or its address
   */
  public Wire connect(String name, int port, long nanos) throws IOException {
    enter();
    Dialing dialing = new Dialing(scheduler);
    InetAddress literal =
        byAddress.keySet().stream()
            .filter(address -> address.getHostAddress().equals(name))
            .findFirst()
            .orElse(null);
    if (literal != null) {
      connect(dialing, new InetSocketAddress(literal, port));
    } else {
      lookup(name)
          .whenComplete(
              (found, failure) -> {
                if (found == null) {
                  dialing.failed(new UnknownHostException(name));
                } else {
                  connect(dialing, new InetSocketAddress(found.getFirst(), port));
                }
              });
    }
    return dialing.await(nanos);
  }
}
