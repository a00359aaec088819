package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one command: one for each origin, with the options that apply there. A {@code
 * Client} has one set of options for all origins, knows no Unix-domain sockets, and sends no body
 * part by part.
 */
final class Roads implements AutoCloseable {
  private static final List<Protocol> OFFERED = List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);

  private final Access access;
  private final @Nullable Path socket;
  private final UnaryOperator<ConnectionOptions> more;
  private final Mailbox mailbox = Mailbox.create();
  private final Map<String, Road> roads = new HashMap<>();

  /** A connection, and what is spoken on it. */
  record Road(Connection connection, Protocol protocol) {}

  /**
   * No connection yet.
   *
   * @param socket the Unix-domain socket of all of them; null for none
   * @param more options besides those of the access
   */
  Roads(Access access, @Nullable Path socket, UnaryOperator<ConnectionOptions> more) {
    this.access = access;
    this.socket = socket;
    this.more = more;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /** Whether a connection to the origin of this URL is named otherwise than the URL. */
  boolean isElsewhere(URI url) {
    return socket != null || !access.place(url).equals(Access.named(url));
  }

  /**
   * A connection to the origin of this URL that is up.
   *
   * @throws FailedException if there is none in this time
   */
  Road to(URI url, Duration timeout) throws InterruptedException {
    String origin = url.getScheme() + "://" + url.getRawAuthority();
    Road known = roads.get(origin);
    if (known != null && !known.connection().awaitTermination(Duration.ZERO)) {
      return known;
    }
    Connection connection = open(url);
    try {
      Road road = new Road(connection, connection.awaitUp(timeout));
      roads.put(origin, road);
      return road;
    } catch (FailedException e) {
      connection.close();
      throw e;
    }
  }

  private Connection open(URI url) {
    ConnectionOptions options = more.apply(access.options(url, OFFERED).retry(Backoff.NEVER));
    try {
      return socket != null
          ? Lariat.openUnix(socket, options, mailbox)
          : Lariat.open(URI.create(url.getScheme() + "://" + access.place(url)), options, mailbox);
    } catch (IllegalArgumentException e) {
      throw UsageException.of("The URL cannot be used", e);
    }
  }

  /** Forgets a connection that did not answer, so that the next request has another one. */
  void drop(URI url) {
    Road road = roads.remove(url.getScheme() + "://" + url.getRawAuthority());
    if (road != null) {
      road.connection().close();
    }
  }

  @Override
  public void close() {
    roads.values().forEach(road -> road.connection().close());
    mailbox.close();
  }
}
