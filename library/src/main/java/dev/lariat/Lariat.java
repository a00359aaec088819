package dev.lariat;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Place;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.internal.transport.TlsContext;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Receiver;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="call"}
 *
 * <p>Every {@code open} returns immediately. Whether the connection is established, and everything
 * that happens later, arrives as messages at its owner: the receiver that you pass, or a mailbox
 * that {@code open} makes ({@link Connection#mailbox}).
 *
 * <p>If an argument is wrong, {@code open} throws an {@link IllegalArgumentException}. If the
 * version of Netty on the class path is too old, every {@code open} throws an {@link
 * IllegalStateException} that names that version.
 *
 * <p>On the thread of a {@link dev.lariat.supervision.Supervisor}'s child, what you open is closed
 * when the child ends; see {@link dev.lariat.supervision.Scope}. After the end of the child, {@code
 * open} throws a {@link FailedException}.
 */
public final class Lariat {
  static {
    Core.grant(new Inside());
  }

  private static final int HTTPS = 443;

  private Lariat() {}

  /**
   * Opens a connection to this host and port, with TLS if the port is 443.
   *
   * @param host a name or an address
   * @param port 1 to 65535
   * @return the handle of the connection
   */
  public static Connection open(String host, int port) {
    return open(host, port, ConnectionOptions.DEFAULT);
  }

  /**
   * Opens a connection to this host and port, with TLS if the options say so or the port is 443.
   *
   * @param host a name or an address
   * @param port 1 to 65535
   * @param options the options
   * @return the handle of the connection
   */
  public static Connection open(String host, int port, ConnectionOptions options) {
    return open(Authority.of(host, port), port == HTTPS, options, null, null);
  }

  /**
   * Opens a connection to this host and port, with TLS if the port is 443, for this owner.
   *
   * @param host a name or an address
   * @param port 1 to 65535
   * @param owner the receiver of the messages
   * @return the handle of the connection
   */
  public static Connection open(String host, int port, Receiver owner) {
    return open(host, port, ConnectionOptions.DEFAULT, owner);
  }

  /**
   * Opens a connection to this host and port, with TLS if the options say so or the port is 443,
   * for this owner.
   *
   * @param host a name or an address. IPv6 may be in brackets, and may have a zone: {@code
   *     fe80::1%eth0}. A name has letters, digits, hyphens and underscores; other letters are sent
   *     in their ASCII form ({@code bücher.example} as {@code xn--bcher-kva.example}), by IDNA
   *     2003, which the JDK implements. A name that IDNA 2008 maps to another one ({@code ß},
   *     {@code ς} and two joiners) is rejected: pass its ASCII form.
   * @param port 1 to 65535
   * @param options the options
   * @param owner the receiver of the messages
   * @return the handle of the connection
   */
  public static Connection open(String host, int port, ConnectionOptions options, Receiver owner) {
    return open(
        Authority.of(host, port), port == HTTPS, options, null, Objects.requireNonNull(owner));
  }

  /**
   * Opens a connection to the origin of this URI; see {@link #open(URI, ConnectionOptions,
   * Receiver)}.
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @return the handle of the connection
   */
  public static Connection open(URI uri) {
    return open(uri, ConnectionOptions.DEFAULT);
  }

  /**
   * Opens a connection to the origin of this URI; see {@link #open(URI, ConnectionOptions,
   * Receiver)}.
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @param options the options
   * @return the handle of the connection
   */
  public static Connection open(URI uri, ConnectionOptions options) {
    return open(bare(uri), options, null, null);
  }

  /**
   * Opens a connection to the origin of this URI; see {@link #open(URI, ConnectionOptions,
   * Receiver)}.
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @param owner the receiver of the messages
   * @return the handle of the connection
   */
  public static Connection open(URI uri, Receiver owner) {
    return open(uri, ConnectionOptions.DEFAULT, owner);
  }

  /**
   * Opens a connection to the origin of this URI, for this owner. The scheme says whether there is
   * TLS ({@code https}, {@code wss}) or not ({@code http}, {@code ws}), and the port if the URI has
   * none (443, 80). The host is one as in {@link #open(String, int, ConnectionOptions, Receiver)};
   * a zone is written as in RFC 6874: {@code [fe80::1%25eth0]}.
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @param options the options
   * @param owner the receiver of the messages
   * @return the handle of the connection
   * @throws IllegalArgumentException if the URI is not valid, or has a path, a query or a fragment;
   *     pass these to the requests, as in {@code connection.get("/path?query")}
   */
  public static Connection open(URI uri, ConnectionOptions options, Receiver owner) {
    return open(bare(uri), options, null, Objects.requireNonNull(owner));
  }

  /** The URI, if it has nothing that would be lost: a connection is to an origin. */
  static URI bare(URI uri) {
    Endpoint.of(uri); // has a host, before anything is said of the rest
    boolean path = uri.getRawPath() != null && !List.of("", "/").contains(uri.getRawPath());
    if (path || uri.getRawQuery() != null) {
      String target =
          (path ? uri.getRawPath() : "/")
              + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      throw new IllegalArgumentException(
          "uri: one with the path \""
              + target
              + "\", allowed only an origin: pass the path to connection.get(path) or"
              + " connection.webSocket(path), or the whole URI to LiveWebSocket.to or"
              + " LiveEvents.to");
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "uri: one with the fragment \"#"
              + uri.getRawFragment()
              + "\", allowed only an origin: clients do not send fragments to servers");
    }
    return uri;
  }

  /**
   * Opens a connection to the origin of this URI.
   *
   * @param loop of a live connection, whose own it is; null for one that is its user's
   * @param owner null for a mailbox of its own
   */
  static Connection open(
      URI uri, ConnectionOptions options, @Nullable Loop loop, @Nullable Receiver owner) {
    Endpoint endpoint = Endpoint.of(uri); // checks it
    boolean secure = endpoint.secure();
    return open(Authority.of(uri, HttpUri.port(secure)), secure, options, loop, owner);
  }

  /**
   * Opens a connection over a Unix-domain socket; see {@link #openUnix(Path, ConnectionOptions,
   * Receiver)}.
   *
   * @param path the path of the socket in the file system
   * @return the handle of the connection
   */
  public static Connection openUnix(Path path) {
    return openUnix(path, ConnectionOptions.DEFAULT);
  }

  /**
   * Opens a connection over a Unix-domain socket; see {@link #openUnix(Path, ConnectionOptions,
   * Receiver)}.
   *
   * @param path the path of the socket in the file system
   * @param options the options
   * @return the handle of the connection
   */
  public static Connection openUnix(Path path, ConnectionOptions options) {
    return unix(path, options, null);
  }

  /**
   * Opens a connection over the Unix-domain socket at this path, with TLS if the options say so,
   * for this owner. The {@code Host} of its requests is {@code localhost}.
   *
   * @param path the path of the socket in the file system
   * @param options the options
   * @param owner the receiver of the messages
   * @return the handle of the connection
   */
  public static Connection openUnix(Path path, ConnectionOptions options, Receiver owner) {
    return unix(path, options, Objects.requireNonNull(owner));
  }

  private static Connection unix(Path path, ConnectionOptions options, @Nullable Receiver owner) {
    if (!options.via().isEmpty()) {
      throw new IllegalArgumentException(
          "via: " + options.via().size() + " proxies to a Unix-domain socket, allowed none");
    }
    boolean secure = options.tls().isPresent();
    Authority localhost = Authority.of("localhost", HttpUri.port(secure));
    return open(
        path.toString(),
        HttpUri.of(secure, localhost),
        new Place.Unix(path, localhost),
        options.tls().orElse(null),
        options,
        null,
        owner);
  }

  /**
   * Opens a connection over a Unix-domain socket to a server of this name, with TLS or without,
   * whatever the port, and without proxies.
   */
  static Connection openUnix(
      Path path,
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      Receiver owner) {
    Tls tls = options.tls().orElse(secure ? Tls.DEFAULT : null);
    return open(
        authority.toString(),
        HttpUri.of(tls != null, authority),
        new Place.Unix(path, authority),
        tls,
        options.via(List.of()),
        loop,
        owner);
  }

  /** Opens a connection with TLS or without, whatever the port. */
  static Connection open(
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      @Nullable Receiver owner) {
    Tls tls = options.tls().orElse(secure ? Tls.DEFAULT : null);
    return open(
        authority.toString(),
        HttpUri.of(tls != null, authority),
        new Place.Host(authority),
        tls,
        options,
        loop,
        owner);
  }

  /**
   * Ends the threads that Lariat keeps for the next connection, and waits until all have ended.
   * Call it when an application is undeployed from a server. Close all connections first, because
   * the threads run while one is open. Without this call, the threads end by themselves a second
   * after the last connection.
   *
   * <p>You can open connections again after that.
   *
   * @param timeout the longest time to wait
   * @return whether all connections and threads have ended within that time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public static boolean awaitTermination(Duration timeout) throws InterruptedException {
    ThisMachine.THIS.refuseToBlock("awaitTermination", "use another thread");
    return ThisMachine.awaitEnd(Await.nanos(timeout));
  }

  private static Connection open(
      String authority,
      HttpUri home,
      Place place,
      @Nullable Tls tls,
      ConnectionOptions options,
      @Nullable Loop given,
      @Nullable Receiver owner) {
    Machine machine = Machine.of(options);
    ConnectionOptions known = tls == null ? options : options.tls(tls); // also where it is implied
    Dialer dialer =
        dialer(tls, Forward.settled(known), (context, its) -> machine.dialer(place, context, its));
    Receiver receiver = owner == null ? Mailbox.create() : owner;
    Loop loop = given == null ? machine.nextLoop() : given;
    if (given != null) {
      given.retain(); // each connection is a user of its own
    }
    Mailbox made = owner == null && receiver instanceof Mailbox mailbox ? mailbox : null;
    boolean users = given == null; // what a live connection is made of ends with that
    return opened(
        () -> new Connection(authority, home, known, dialer, machine, loop, receiver),
        loop,
        users,
        made);
  }

  /**
   * Makes a connection and lets it begin.
   *
   * @param loop of the connection, which has counted it
   * @param adopted whether the thread's adoption closes it
   * @param mailbox one that was made for it
   */
  static <C extends Connection> C opened(
      Supplier<C> maker, Loop loop, boolean adopted, @Nullable Mailbox mailbox) {
    C connection;
    Adoption.Hold hold;
    try {
      connection = maker.get();
      hold =
          adopted
              ? Adoption.adopt(connection, mailbox, connection.door().ended())
              : Adoption.Hold.NONE;
    } catch (Throwable e) { // whatever it is: nobody uses the loop
      loop.release();
      throw e;
    }
    connection.open(hold);
    return connection;
  }

  /**
   * What dials with this TLS, and without HTTP/2 if that is ruled out later.
   *
   * @param dialers makes a dialer with this TLS and these options
   */
  static Dialer dialer(
      @Nullable Tls tls,
      ConnectionOptions options,
      BiFunction<Optional<TlsContext>, ConnectionOptions, Dialer> dialers) {
    Dialer all = dialers.apply(context(tls, options), options);
    return Fallback.isPossible(options.protocols())
        ? all.or(
            () -> {
              ConnectionOptions first = Fallback.withoutHttp2(options);
              Tls its = tls == null ? null : Fallback.withoutHttp2(tls);
              return dialers.apply(context(its, first), first);
            })
        : all;
  }

  private static Optional<TlsContext> context(@Nullable Tls tls, ConnectionOptions options) {
    return Optional.ofNullable(tls).map(its -> TlsContext.of(its, options));
  }
}
