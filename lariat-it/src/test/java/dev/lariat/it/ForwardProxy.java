package dev.lariat.it;

import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A proxy that opens tunnels, and how it is spoken to. */
public enum ForwardProxy {
  SQUID(Protocol.HTTP_1_1, false),
  SQUID_TLS(Protocol.HTTP_1_1, true),
  TINYPROXY(Protocol.HTTP_1_1, false),
  APACHE_H1(Protocol.HTTP_1_1, false),
  APACHE_H2C(Protocol.HTTP_2, false),
  APACHE_H2(Protocol.HTTP_2, true),
  NGHTTPX_H2C(Protocol.HTTP_2, false),
  NGHTTPX_H2(Protocol.HTTP_2, true),
  /** In front of tinyproxy. */
  HAPROXY_H2C(Protocol.HTTP_2, false),
  HAPROXY_H2(Protocol.HTTP_2, true);

  /** A user of those that ask who it is. */
  static final String USER = "user";

  static final String PASSWORD = "secret";

  /** Of {@link #PASSWORD}, as {@code htpasswd} writes it. */
  private static final String LINE = USER + ":$apr1$lariat00$1nZPPCN.hGsgSW9g4ro0/.\n";

  final Protocol protocol;
  private final boolean tls;

  ForwardProxy(Protocol protocol, boolean tls) {
    this.protocol = protocol;
    this.tls = tls;
  }

  int port() {
    return switch (this) {
      case SQUID -> squid().port(0);
      case SQUID_TLS -> Squid.TLS.port(0);
      case TINYPROXY -> tinyproxy().port(0);
      case APACHE_H1, APACHE_H2C, APACHE_H2 -> apache().port(tls ? 1 : 0);
      case NGHTTPX_H2C, NGHTTPX_H2 -> nghttpx().port(tls ? 1 : 0);
      case HAPROXY_H2C, HAPROXY_H2 -> Haproxy.SHARED.port(tls ? 1 : 0);
    };
  }

  ConnectionOptions options() {
    ConnectionOptions plain = Witness.QUICK.protocols(protocol);
    return tls ? plain.tls(Certificates.trusted()) : plain;
  }

  Witness open() {
    return Witness.open("127.0.0.1", port(), options());
  }

  /** As a proxy of {@code ConnectionOptions.via}. */
  Proxy proxy() {
    Proxy plain = Proxy.of((tls ? "https" : "http") + "://127.0.0.1:" + port());
    Proxy spoken = plain.protocols(protocol);
    return tls ? spoken.tls(Certificates.trusted()) : spoken;
  }

  // ---- the servers

  private static final class Tinyproxy {
    static final Server SHARED = startTinyproxy("tunnel-tinyproxy");
  }

  private static final class Squid {
    static final Server SHARED = startSquid();
    static final Server TLS = withTls(SHARED);
  }

  private static final class Apache {
    static final Server SHARED = startApache("apache");
  }

  private static final class Nghttpx {
    static final Server SHARED = startNghttpx("nghttpx-proxy", tinyproxy().port(0));
  }

  private static final class Haproxy {
    static final Server SHARED = haproxy("haproxy-proxy", 2, "tunnels/haproxy.cfg", tinyproxy());
  }

  /** Plain on port 0. */
  static Server tinyproxy() {
    return Tinyproxy.SHARED;
  }

  /** On port 0, and on 1 for known users. */
  static Server squid() {
    return Squid.SHARED;
  }

  /** Plain on port 0, TLS on 1, and on 2 for known users; HTTP/2 on all. */
  static Server apache() {
    return Apache.SHARED;
  }

  /** Plain on port 0, TLS on 1, both of HTTP/2, in front of {@link #tinyproxy()}. */
  static Server nghttpx() {
    return Nghttpx.SHARED;
  }

  public static Server startTinyproxy(String name) {
    return Server.start(
        name,
        1,
        ports ->
            List.of(
                Peer.TINYPROXY.program(),
                "-d",
                "-c",
                Server.file("tunnels/tinyproxy.conf", name + ".conf", Servers.values(ports))
                    .toString()));
  }

  private static Server startSquid() {
    String user = System.getProperty("user.name");
    Path passwords = readable();
    return Server.start(
        "tunnel-squid",
        2,
        ports -> {
          Map<String, Object> values = Servers.values(ports);
          values.put("user", user.equals("root") ? "proxy" : user); // root must not run it
          values.put("passwords", passwords);
          String file = Server.file("tunnels/squid.conf", "tunnel-squid.conf", values).toString();
          String service = "lariat" + ports.getFirst(); // names what it shares with others of it
          return List.of(Peer.SQUID.program(), "-N", "-n", service, "-f", file);
        });
  }

  /** HAProxy puts TLS before a proxy: Squid with GnuTLS takes none of the keys that others do. */
  private static Server withTls(Server backend) {
    return haproxy("proxy-tls", 1, "tunnels/tls.cfg", backend);
  }

  private static Server haproxy(String name, int count, String resource, Server backend) {
    return Server.start(
        name,
        count,
        ports -> {
          Map<String, Object> values = Servers.values(ports);
          values.put("backend", backend.port(0));
          String file = Server.file(resource, name + ".cfg", values).toString();
          return List.of(Peer.HAPROXY.program(), "-db", "-f", file);
        });
  }

  static Server startApache(String name) {
    folder("apache");
    Servers.pages();
    return Server.start(
        name,
        3,
        ports ->
            List.of(
                Peer.APACHE.program(),
                "-X", // one process, which is the one that ends with this JVM
                "-f",
                Server.file("tunnels/apache.conf", name + ".conf", Servers.values(ports))
                    .toAbsolutePath()
                    .toString()));
  }

  /** Plain on port 0, TLS on 1, in front of the proxy at this port. */
  public static Server startNghttpx(String name, int backend, String... options) {
    Map<String, Object> pem = Certificates.files();
    return Server.start(
        name,
        2,
        ports -> {
          List<String> command =
              new ArrayList<>(
                  List.of(
                      Peer.NGHTTPX.program(),
                      "--conf=/dev/null",
                      "--http2-proxy",
                      "--single-process",
                      "--no-ocsp",
                      "--errorlog-file=/dev/stderr",
                      "-f127.0.0.1," + ports.get(0) + ";no-tls",
                      "-f127.0.0.1," + ports.get(1),
                      "-b127.0.0.1," + backend));
          command.addAll(List.of(options));
          command.add(pem.get("serverKey").toString());
          command.add(pem.get("server").toString());
          return command;
        });
  }

  /** A file with the password, where any user can read it. */
  private static Path readable() {
    try {
      Path file = Files.createTempFile("lariat", "");
      file.toFile().deleteOnExit();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      return Files.writeString(file, LINE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder(String name) {
    Path folder = Server.FOLDER.resolve(name).toAbsolutePath();
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("passwords"), LINE);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
