package dev.lariat.cli;

import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.event.TlsSession;
import dev.lariat.message.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps of one connection, as its events tell them: for findings, and as rows of a picture. */
final class Steps implements Listener {
  private static final String RESPONSE = "Response";

  private final long start = System.nanoTime();

  // under the lock
  private final List<Row> rows = new ArrayList<>();
  private final List<Event.ConnectEnd> connects = new ArrayList<>();
  private final List<Event.ProxyEnd> proxies = new ArrayList<>();
  private Optional<Event.LookupEnd> lookup = Optional.empty();
  private Optional<Event.TlsEnd> tls = Optional.empty();
  private Optional<Duration> upgrade = Optional.empty();

  @Override
  public synchronized void event(Event event) {
    switch (event) {
      case Event.LookupEnd end -> {
        lookup = Optional.of(end);
        ended("Lookup of " + end.host(), end.took(), end.failure());
      }
      case Event.ConnectEnd end -> {
        connects.add(end);
        if (end.established() || end.failure().isPresent()) {
          ended("TCP to " + address(end.remote().toString()), end.took(), end.failure());
        }
      }
      case Event.ProxyEnd end -> {
        proxies.add(end);
        ended("Proxy " + end.number() + " " + end.proxy(), end.took(), end.failure());
      }
      case Event.TlsEnd end -> {
        tls = Optional.of(end);
        String version = end.session().map(TlsSession::protocol).orElse("handshake");
        ended("TLS " + version, end.took(), end.failure());
      }
      case Event.ProtocolChanged end -> {
        upgrade = Optional.of(end.took());
        rows.removeIf(row -> row.label().startsWith(RESPONSE)); // which is the same
        ended("Upgrade", end.took(), Optional.empty());
      }
      case Event.ResponseStart begun -> ended(RESPONSE, begun.waited(), Optional.empty());
      default -> {} // what the messages tell
    }
  }

  /** An address without the slash that Java puts before it. */
  static String address(String address) {
    int slash = address.indexOf('/');
    return address.substring(slash + 1);
  }

  private void ended(String what, Duration took, Optional<Reason> failure) {
    add(what, took, failure.isPresent() ? "failed" : "step", failure.map(Words::of).orElse(""));
  }

  /** Adds a step that ends now. */
  synchronized void add(String what, Duration took, String kind, String detail) {
    Duration now = Duration.ofNanos(System.nanoTime() - start);
    Duration from = now.compareTo(took) < 0 ? Duration.ZERO : now.minus(took);
    String label = what + " · " + Page.time(took);
    rows.add(
        new Row(
            label,
            List.of(Span.of(from, took, kind, detail.isEmpty() ? label : label + ": " + detail))));
  }

  /** The picture, which begins with the first step. */
  synchronized List<Row> rows() {
    Duration first =
        rows.stream()
            .map(row -> row.bars().getFirst().from())
            .min(Duration::compareTo)
            .orElse(Duration.ZERO);
    return rows.stream().map(row -> row.earlier(first)).toList();
  }

  synchronized List<InetAddress> addresses() {
    return lookup.map(Event.LookupEnd::addresses).orElse(List.of());
  }

  synchronized Optional<Event.LookupEnd> lookup() {
    return lookup;
  }

  synchronized List<Event.ConnectEnd> connects() {
    return List.copyOf(connects);
  }

  synchronized List<Event.ProxyEnd> proxies() {
    return List.copyOf(proxies);
  }

  /** How long the upgrade took, from the request on. */
  synchronized Optional<Duration> upgrade() {
    return upgrade;
  }

  synchronized Optional<Event.TlsEnd> tls() {
    return tls;
  }
}
