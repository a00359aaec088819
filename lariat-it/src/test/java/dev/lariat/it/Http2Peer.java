package dev.lariat.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A server of HTTP/2 that others wrote: as {@link #shared} by tests, or as a test's own. */
enum Http2Peer {
  NGHTTPD(true) {
    @Override
    Server start(String name, boolean tls) {
      return nghttpd(name, tls);
    }
  },

  NGINX(false) {
    @Override
    Server start(String name, boolean tls) {
      return nginx(name, 100_000);
    }
  },

  /** In front of Python's servers. */
  HAPROXY(false) {
    @Override
    Server start(String name, boolean tls) {
      return configured(
          name, "http2/haproxy.cfg", file -> List.of(Peer.HAPROXY.program(), "-db", "-f", file));
    }
  },

  H2O(false) {
    @Override
    Server start(String name, boolean tls) {
      return Servers.ownH2o(name);
    }
  },

  /** In front of Python's servers. */
  NGHTTPX(false) {
    @Override
    Server start(String name, boolean tls) {
      return Server.start(
          name,
          2,
          ports ->
              List.of(
                  Peer.NGHTTPX.program(),
                  "--conf=/dev/null",
                  "--single-process",
                  "--no-ocsp",
                  "--errorlog-file=/dev/stderr",
                  "-f127.0.0.1," + ports.get(0) + ";no-tls",
                  "-f127.0.0.1," + ports.get(1),
                  "-b127.0.0.1," + Servers.origin().port(0),
                  "-b127.0.0.1," + Servers.python().port(0) + ";/echo",
                  "--backend-connections-per-frontend=20",
                  pem("serverKey"),
                  pem("server")));
    }
  },

  /** Whose HTTP/2 is python-h2's. */
  HYPERCORN(false) {
    @Override
    Server start(String name, boolean tls) {
      Servers.pages();
      Server.file("http2/application.py", "application.py", Servers.values(List.of()));
      return Server.start(
          name,
          2,
          ports ->
              List.of(
                  "/usr/bin/env",
                  "PYTHONPATH=" + Server.FOLDER.toAbsolutePath(),
                  "/usr/bin/python3",
                  "-m",
                  "hypercorn",
                  "--insecure-bind",
                  "127.0.0.1:" + ports.get(0),
                  "--bind",
                  "127.0.0.1:" + ports.get(1),
                  "--certfile",
                  pem("server"),
                  "--keyfile",
                  pem("serverKey"),
                  "application:application"));
    }
  },

  /** In front of Python's server where it has no words of its own. */
  CADDY(false) {
    @Override
    Server start(String name, boolean tls) {
      String own = Server.FOLDER.resolve(name).toAbsolutePath().toString();
      return configured(
          name,
          "http2/Caddyfile",
          file ->
              List.of(
                  "/usr/bin/env",
                  "XDG_DATA_HOME=" + own,
                  "XDG_CONFIG_HOME=" + own,
                  Peer.CADDY.program(),
                  "run",
                  "--adapter",
                  "caddyfile",
                  "--config",
                  file));
    }
  },

  NODE(false) {
    @Override
    Server start(String name, boolean tls) {
      String script = Server.file("http2/server.js", "server.js", Map.of()).toString();
      return Server.start(
          name,
          2,
          ports ->
              List.of(
                  Peer.NODE.program(),
                  script,
                  Servers.pages().toString(),
                  pem("server"),
                  pem("serverKey"),
                  ports.get(0).toString(),
                  ports.get(1).toString()));
    }
  };

  private static final Map<String, Server> SHARED = new ConcurrentHashMap<>();

  /** Whether one process has one port, with TLS or without. */
  private final boolean single;

  Http2Peer(boolean single) {
    this.single = single;
  }

  /**
   * Starts one for a test that ends it.
   *
   * @param name of its files
   * @param tls matters only to who has one port
   */
  abstract Server start(String name, boolean tls);

  /** The port of the one that tests share. */
  int shared(boolean tls) {
    String name = "http2-" + name().toLowerCase(Locale.ROOT) + (single && tls ? "-tls" : "");
    return port(SHARED.computeIfAbsent(name, its -> start(its, tls)), tls);
  }

  /** Of one that was started, the port with TLS or without. */
  int port(Server server, boolean tls) {
    return server.port(tls && !single ? 1 : 0);
  }

  /** An nghttpd with these further options. */
  static Server nghttpd(String name, boolean tls, String... options) {
    return Server.start(
        name,
        1,
        ports -> {
          List<String> command = new ArrayList<>(List.of(Peer.NGHTTPD.program()));
          command.addAll(
              List.of("-d", Servers.pages().toString(), "-a", "127.0.0.1", "--echo-upload"));
          command.addAll(List.of("--trailer", "digest: adler32=03da0195", "-m", "100"));
          command.addAll(List.of(options));
          command.addAll(tls ? List.of() : List.of("--no-tls"));
          command.add(ports.get(0).toString());
          command.addAll(tls ? List.of(pem("serverKey"), pem("server")) : List.of());
          return command;
        });
  }

  /**
   * An nginx that takes so many requests on a connection, and then sends GOAWAY. With TLS it has
   * HTTP/1.1 too, and WebSockets over that.
   */
  static Server nginx(String name, int keepaliveRequests) {
    return Server.start(
        name,
        3,
        ports -> {
          Map<String, Object> values = Servers.values(ports);
          values.put("keepaliveRequests", keepaliveRequests);
          values.put("backend", Servers.python().port(0));
          return Servers.nginx("http2/nginx.conf", name, values);
        });
  }

  private static Server configured(
      String name, String resource, Function<String, List<String>> command) {
    return Server.start(
        name,
        2,
        ports -> {
          Servers.pages();
          Map<String, Object> values = Servers.values(ports);
          values.put("backend", Servers.python().port(0));
          values.put("origin", Servers.origin().port(0));
          return command.apply(Server.file(resource, name + ".conf", values).toString());
        });
  }

  private static String pem(String name) {
    return Certificates.files().get(name).toString();
  }
}
