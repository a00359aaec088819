package dev.lariat.it;

import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Forward proxies that somebody else wrote, each with the user "user" and the password "secret".
 */
public enum Forward {
  SQUID_BASIC("http", 0),
  SQUID_DIGEST("http", 0),
  SQUID_OVER_TLS("https", 1),
  TINYPROXY("http", 0),
  MICROSOCKS("socks5h", 0),
  /** It is sent addresses. */
  MICROSOCKS_RESOLVED("socks5", 0),
  MICROSOCKS_WITHOUT_LOGIN("socks5h", 0),
  /** Behind haproxy, which ends the TLS. */
  MICROSOCKS_OVER_TLS("socks5h", 0),
  DANTE("socks5h", 0),
  DANTE_SOCKS4("socks4", 0);

  static final Credentials.Password LOGIN = Credentials.of("user", "secret");

  private final String scheme;
  private final int port;

  Forward(String scheme, int port) {
    this.scheme = scheme;
    this.port = port;
  }

  /** Started by the first test that asks for it. */
  private static final class Shared {
    static final class Squid {
      static final Server SERVER = squid("squid");
    }

    static final class Tiny {
      static final Server SERVER = tinyproxy("tinyproxy");
    }

    static final class Micro {
      static final Server SERVER = microsocks("microsocks", "-u", "user", "-P", "secret");
    }

    static final class Tls {
      static final Server SERVER = overTls("microsocks-tls", Micro.SERVER.port(0));
    }

    static final class Open {
      static final Server SERVER = microsocks("microsocks-open");
    }

    static final class Dante {
      static final Server SERVER = dante("dante");
    }
  }

  Server server() {
    return switch (this) {
      case SQUID_BASIC, SQUID_DIGEST, SQUID_OVER_TLS -> Shared.Squid.SERVER;
      case TINYPROXY -> Shared.Tiny.SERVER;
      case MICROSOCKS, MICROSOCKS_RESOLVED -> Shared.Micro.SERVER;
      case MICROSOCKS_OVER_TLS -> Shared.Tls.SERVER;
      case MICROSOCKS_WITHOUT_LOGIN -> Shared.Open.SERVER;
      case DANTE, DANTE_SOCKS4 -> Shared.Dante.SERVER;
    };
  }

  /** As its user reaches it. */
  Proxy proxy() {
    return proxy(server());
  }

  /** As its user reaches this server, which is one of its kind. */
  Proxy proxy(Server server) {
    Proxy plain = plain(server);
    return switch (this) {
      case SQUID_BASIC -> plain.credentials(Credentials.basic("user", "secret"));
      case SQUID_DIGEST,
          SQUID_OVER_TLS,
          TINYPROXY,
          MICROSOCKS,
          MICROSOCKS_RESOLVED,
          MICROSOCKS_OVER_TLS ->
          plain.credentials(LOGIN);
      case MICROSOCKS_WITHOUT_LOGIN, DANTE, DANTE_SOCKS4 -> plain;
    };
  }

  /** Without credentials. */
  Proxy plain(Server server) {
    Proxy plain = Proxy.of(scheme + "://127.0.0.1:" + server.port(port));
    boolean tls = this == SQUID_OVER_TLS || this == MICROSOCKS_OVER_TLS;
    return tls ? plain.tls(Certificates.trusted()) : plain;
  }

  // ---- the programs

  static Server squid(String name) {
    return Server.start(
        name,
        2,
        ports -> {
          Map<String, Object> values = Servers.values(ports);
          String crypt = openssl("passwd", "-apr1", "secret").strip();
          values.put("passwords", readable(name + ".passwords", "user:" + crypt + "\n"));
          String digest = md5("user:squid:secret");
          values.put("digests", readable(name + ".digests", "user:squid:" + digest + "\n"));
          Path file = Server.file("proxies/squid.conf", name + ".conf", values);
          // what a squid that was killed leaves in shared memory is in the way of the next
          String service = "lariat" + ports.get(0);
          String command = "rm -f /dev/shm/" + service + "-*; exec \"$0\" \"$@\"";
          return List.of(
              "/bin/sh",
              "-c",
              command,
              Peer.SQUID.program(),
              "-N",
              "-n",
              service,
              "-d",
              "1",
              "-f",
              file.toAbsolutePath().toString());
        });
  }

  static Server tinyproxy(String name) {
    return Server.start(
        name,
        1,
        ports -> {
          Path file = Server.file("proxies/tinyproxy.conf", name + ".conf", Servers.values(ports));
          return List.of(Peer.TINYPROXY.program(), "-d", "-c", file.toString());
        });
  }

  public static Server microsocks(String name, String... login) {
    return Server.start(
        name,
        1,
        ports -> {
          List<String> command =
              new ArrayList<>(List.of(Peer.MICROSOCKS.program(), "-i", "127.0.0.1", "-p"));
          command.add(ports.get(0).toString());
          command.addAll(List.of(login));
          return command;
        });
  }

  /** TLS before the proxy at this port. */
  private static Server overTls(String name, int port) {
    return Server.start(
        name,
        1,
        ports -> {
          Map<String, Object> values = Servers.values(ports);
          values.put("backend", port);
          Path file = Server.file("proxies/haproxy.cfg", name + ".cfg", values);
          return List.of(Peer.HAPROXY.program(), "-db", "-f", file.toString());
        });
  }

  static Server dante(String name) {
    return Server.start(
        name,
        1,
        ports -> {
          Path file = Server.file("proxies/dante.conf", name + ".conf", Servers.values(ports));
          String pid = Server.FOLDER.resolve(name + ".pid").toString();
          return List.of(Peer.DANTE.program(), "-f", file.toString(), "-p", pid);
        });
  }

  private static String openssl(String... arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    try {
      Process openssl = new ProcessBuilder(command).start();
      return new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String md5(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return String.format("%032x", new BigInteger(1, digest));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file that helpers read as another user. */
  private static Path readable(String name, String text) {
    try {
      return Files.writeString(Server.FOLDER.resolve(name), text).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
