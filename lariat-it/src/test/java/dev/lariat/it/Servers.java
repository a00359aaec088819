package dev.lariat.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The servers that tests share: each is started by the first test that asks for it. */
public final class Servers {
  private Servers() {}

  private static final class Python {
    static final Path UNIX = Server.FOLDER.resolve("python.sock");
    static final Server SERVER = python("python", UNIX);
  }

  /** A {@code peer.py}: plain on port 0, TLS on port 1. */
  static Server python() {
    return Python.SERVER;
  }

  /** The same server's Unix-domain socket. */
  static Path pythonUnix() {
    python();
    return Python.UNIX;
  }

  /** Another {@code peer.py}, for a test that kills it or cuts it off. */
  public static Server ownPython(String name) {
    return python(name, Server.FOLDER.resolve(name + ".sock"));
  }

  private static Server python(String name, Path unix) {
    String script = Server.file("peer.py", Map.of()).toString();
    Map<String, Object> pem = Certificates.files();
    return Server.start(
        name,
        2,
        ports ->
            List.of(
                "/usr/bin/python3",
                script,
                ports.get(0).toString(),
                ports.get(1).toString(),
                unix.toString(),
                pem.get("server").toString(),
                pem.get("serverKey").toString()));
  }

  private static final class Nginx {
    static final Server SERVER =
        Server.start("nginx", 6, ports -> nginx("nginx.conf", "nginx", behind(ports)));
  }

  /** The command of an nginx with this configuration, and with the pages of {@link #pages()}. */
  static List<String> nginx(String resource, String name, Map<String, Object> values) {
    pages();
    Path file = Server.file(resource, name + ".conf", values).toAbsolutePath();
    return List.of(Peer.NGINX.program(), "-e", "stderr", "-c", file.toString());
  }

  /**
   * Plain on port 0; TLS on 1, with a wrong host on 2, expired on 3, for known clients on 4. What
   * is idle on 5 is soon closed.
   */
  static Server nginx() {
    return Nginx.SERVER;
  }

  private static final class Haproxy {
    static final Server SERVER =
        Server.start(
            "haproxy",
            6,
            ports ->
                List.of(
                    Peer.HAPROXY.program(),
                    "-db",
                    "-f",
                    configuration("haproxy.cfg", ports).toString()));
  }

  /**
   * In front of {@link #python()}: plain on port 0, TLS on 1, TLS for known clients only on 2. In
   * front of {@link #origin()}: plain on 3, TLS on 4, and on 5, where what is idle is soon closed.
   */
  static Server haproxy() {
    return Haproxy.SERVER;
  }

  private static final class Origin {
    static final Server SERVER =
        Server.start(
            "origin",
            3,
            ports -> {
              List<String> command = new ArrayList<>();
              command.add("/usr/bin/python3");
              command.add(Server.file("origin.py", Map.of()).toString());
              command.add(pages().toString());
              command.add(Certificates.files().get("server").toString());
              command.add(Certificates.files().get("serverKey").toString());
              ports.forEach(port -> command.add(port.toString()));
              return command;
            });
  }

  /**
   * Python's own HTTP server: plain on port 0 and 1, where what is idle is soon closed; TLS on 2.
   */
  static Server origin() {
    return Origin.SERVER;
  }

  private static final class H2o {
    static final Server SERVER = start("h2o", 60);
    static final Server HASTY = start("h2o-hasty", 1);

    private static Server start(String name, int idleSeconds) {
      return Server.start(
          name,
          2,
          ports -> {
            pages();
            Map<String, Object> values = values(ports);
            values.put("idleSeconds", idleSeconds);
            // root would become nobody, who cannot read what is here
            boolean root = System.getProperty("user.name").equals("root");
            values.put("user", root ? "user: root" : "");
            Path file = Server.file("h2o.conf", name + ".conf", values);
            return List.of(Peer.H2O.program(), "-c", file.toString());
          });
    }
  }

  /** Plain on port 0, TLS on 1. */
  static Server h2o() {
    return H2o.SERVER;
  }

  /** The same, which soon closes what is idle. */
  static Server hastyH2o() {
    return H2o.HASTY;
  }

  private static final class Caddy {
    static final Server SERVER =
        Server.start(
            "caddy",
            3,
            ports -> {
              pages();
              String own = Server.FOLDER.resolve("caddy").toAbsolutePath().toString();
              return List.of(
                  "/usr/bin/env",
                  "XDG_DATA_HOME=" + own,
                  "XDG_CONFIG_HOME=" + own,
                  Peer.CADDY.program(),
                  "run",
                  "--adapter",
                  "caddyfile",
                  "--config",
                  configuration("Caddyfile", ports).toString());
            });
  }

  /** Plain on port 0 and 1, where what is idle is soon closed; TLS on 2. */
  static Server caddy() {
    return Caddy.SERVER;
  }

  private static final class Libwebsockets {
    static final Server PLAIN = Server.start("libwebsockets", 1, ports -> command(ports));
    static final Server TLS =
        Server.start(
            "libwebsockets-tls",
            1,
            ports ->
                command(
                    ports,
                    "--ssl",
                    "-C",
                    Certificates.files().get("server").toString(),
                    "-K",
                    Certificates.files().get("serverKey").toString()));

    private static List<String> command(List<Integer> ports, String... more) {
      List<String> command = new ArrayList<>();
      command.add(Peer.LIBWEBSOCKETS.program());
      command.addAll(List.of("--interface", "lo", "--port=" + ports.get(0)));
      command.addAll(List.of(more));
      return command;
    }
  }

  /** The one port of libwebsockets' test server, with TLS or without. */
  static int libwebsockets(boolean tls) {
    return (tls ? Libwebsockets.TLS : Libwebsockets.PLAIN).port(0);
  }

  private static Path configuration(String resource, List<Integer> ports) {
    return Server.file(resource, behind(ports));
  }

  /** The values of a server in front of {@link #python()} and {@link #origin()}. */
  private static Map<String, Object> behind(List<Integer> ports) {
    Map<String, Object> values = values(ports);
    values.put("backend", python().port(0));
    values.put("origin", origin().port(0));
    return values;
  }

  /** A proxy of HTTP/2, plain on port 0, to the WebSockets of a server of HTTP/1.1. */
  public static Server http2InFrontOf(int port) {
    return Server.start(
        "http2-websockets",
        1,
        ports -> {
          Map<String, Object> values = values(ports);
          values.put("backend", port);
          String file = Server.file("http2/websockets.cfg", "websockets.cfg", values).toString();
          return List.of(Peer.HAPROXY.program(), "-db", "-f", file);
        });
  }

  /** A server as {@link #h2o()}, for a test that kills it. */
  static Server ownH2o(String name) {
    return H2o.start(name, 60);
  }

  static Map<String, Object> values(List<Integer> ports) {
    Map<String, Object> values = new HashMap<>(Certificates.files());
    values.put("folder", Server.FOLDER.toAbsolutePath());
    for (int i = 0; i < ports.size(); i++) {
      values.put("port" + i, ports.get(i));
    }
    return values;
  }

  /** The folder of a page of one line, of one of a million bytes, and of one of 64 MiB. */
  static Path pages() {
    return Pages.FOLDER;
  }

  private static final class Pages {
    static final Path FOLDER = write(Server.FOLDER.resolve("www"));
  }

  private static Path write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("page.txt"), "a page\n");
      Files.writeString(folder.resolve("events"), "data: inside\n\n");
      Files.writeString(folder.resolve("large.txt"), "0123456789".repeat(100_000));
      Files.write(folder.resolve("huge.bin"), numbers(64 << 20));
      Files.writeString(folder.resolveSibling("passwords"), "Mufasa:{PLAIN}Circle of Life\n");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of which no two blocks are the same. */
  static byte[] numbers(int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putInt(i);
    }
    return bytes.array();
  }
}
