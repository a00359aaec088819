package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.like;
import static dev.lariat.testkit.reasons.Situation.of;
import static dev.lariat.testkit.reasons.Stage.LONG;
import static dev.lariat.testkit.reasons.Stage.PATIENCE;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Rejected;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyAuthenticator;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What happens while a connection is made, kept and ended. */
final class ConnectionSituations {
  private static final Duration SHORT = Duration.ofSeconds(5);

  private static final Bytes NOT_YOU = Bytes.ofUtf8("not you");

  private ConnectionSituations() {}

  /** What becomes of a connection through this proxy. */
  private static Reason via(Stage stage, String proxy) throws Exception {
    return via(stage, Proxy.of(proxy));
  }

  private static Reason via(Stage stage, Proxy first) throws Exception {
    return Stage.attempt(
        stage.closing(Lariat.open("origin.example", 80, stage.options.via(first))));
  }

  static List<Situation> all() {
    return List.of(
        // ---- the way to the server
        of(
            Reason.Unresolved.class,
            "the host's name has no address",
            "The name server.example does not resolve: no address is known for it.",
            stage -> {
              stage.host().unknown();
              return Stage.of(() -> stage.open().awaitUp(SHORT));
            }),
        of(
            Step.LOOKUP,
            "no name server answers",
            "The name lookup took longer than 10 s (timeouts.lookup): The name server.example does"
                + " not resolve: no answer.",
            stage -> {
              stage.host().unanswered();
              return Stage.of(() -> stage.open().awaitUp(LONG));
            }),
        like(
            Reason.Refused.class,
            "nobody listens at the port",
            "The address [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              return Stage.of(() -> stage.open().awaitUp(LONG));
            }),
        of(
            Reason.Unreachable.class,
            "there is no such socket in the file system",
            "The address /nowhere/server.sock cannot be reached: there is no such file.",
            stage -> {
              Path nowhere = Path.of("/nowhere/server.sock");
              return Stage.of(() -> stage.closing(Lariat.openUnix(nowhere)).awaitUp(PATIENCE));
            }),
        like(
            Step.CONNECT,
            "a firewall drops what is sent",
            "Connecting took longer than 15 s \\(timeouts\\.connect\\): The address [0-9.]+:80"
                + " cannot be reached: no answer\\.",
            stage -> {
              stage.host().partition();
              return Stage.of(() -> stage.open().awaitUp(LONG));
            }),
        like(
            Step.AWAIT_UP,
            "a firewall drops what is sent, and the user waits for a second",
            "The wait for the connection took longer than 1 s: The address [0-9.]+:80 cannot be"
                + " reached: no answer so far\\.",
            stage -> {
              stage.host().partition();
              return Stage.of(() -> stage.open().awaitUp(Duration.ofSeconds(1)));
            }),
        of(
            Step.AWAIT_UP,
            "the connection was lost, and the new attempt looks the name up without an answer",
            "The wait for the connection took longer than 5 s: The server closed the connection.",
            stage -> {
              stage.origin(Visit::request);
              Connection connection = stage.open();
              connection.get("/");
              Stage.down(connection);
              stage.host().unanswered();
              Stage.of(() -> connection.awaitUp(SHORT)); // tells of the loss itself
              return Stage.of(() -> connection.awaitUp(SHORT));
            }),
        of(
            Step.RESPONSE,
            "a call waits for the connection that was lost",
            "The response took longer than 5 s: The server closed the connection.",
            stage -> {
              stage.origin(Visit::request);
              Connection connection = stage.open();
              connection.get("/");
              Stage.down(connection);
              stage.host().unanswered();
              return Stage.of(() -> connection.get("/").text(SHORT));
            }),
        of(
            Step.RESPONSE,
            "the connection ended in good order, and nobody answers a lookup when it is wanted"
                + " again",
            "The response took longer than 5 s: The name server.example does not resolve: no answer"
                + " so far.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(200);
                  });
              Connection connection = stage.open();
              connection.get("/").text(SHORT);
              Stage.down(connection);
              stage.host().unanswered();
              return Stage.of(() -> connection.get("/").text(SHORT));
            }),

        // ---- TLS
        of(
            Step.TLS,
            "a server is connected and never answers the handshake",
            "The TLS handshake took longer than 100 ms (timeouts.tls).",
            stage -> {
              Timeouts hasty = Timeouts.DEFAULT.tls(Duration.ofMillis(100));
              return tls(stage, Script.silent(), ConnectionOptions.DEFAULT.timeouts(hasty));
            }),
        like(
            Reason.Ongoing.class,
            "the user's time is over while the TLS handshake waits",
            "The wait for the connection took longer than 300 ms: The TLS handshake has taken"
                + " [0-9]+ ms so far\\.",
            stage -> {
              Origin origin = stage.closing(Origin.start(Script.silent()));
              ConnectionOptions secure = ConnectionOptions.DEFAULT.tls(Tls.DEFAULT);
              Connection connection =
                  stage.closing(Lariat.open(origin.host(), origin.port(), secure));
              return Stage.of(() -> connection.awaitUp(Duration.ofMillis(300)));
            }),
        of(
            Reason.Tls.class,
            "the server's certificate vouches for itself",
            "TLS failed: the server's certificate is not issued by a trusted authority.",
            stage -> certificate(stage, ServerCertificate.SELF_SIGNED)),
        of(
            Reason.Tls.class,
            "the server's certificate is another's",
            "TLS failed: the server's certificate is not for the host 127.0.0.1.",
            stage -> certificate(stage, ServerCertificate.OTHER_HOST)),
        of(
            Reason.Tls.class,
            "the server's certificate is too old",
            "TLS failed: the server's certificate has expired.",
            stage -> certificate(stage, ServerCertificate.EXPIRED)),
        of(
            Reason.Tls.class,
            "https is asked for, and the port speaks plain HTTP",
            "TLS failed: the server does not speak TLS.",
            stage ->
                tls(
                    stage,
                    visit -> visit.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
                    ConnectionOptions.DEFAULT)),
        of(
            Reason.Tls.class,
            "the server ends the connection within the handshake",
            "TLS failed: the connection ended during the handshake: The server closed the"
                + " connection.",
            stage -> tls(stage, visit -> {}, ConnectionOptions.DEFAULT)),

        // ---- proxies
        of(
            Reason.Hop.class,
            "a proxy does not allow the tunnel",
            "The proxy http://server.example:80 (hop 1) failed: The proxy answered with status 403:"
                + " not you.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(403, Headers.of("content-type", "text/plain"), NOT_YOU);
                  });
              return via(stage, "http://server.example");
            }),
        of(
            Reason.Hop.class,
            "a proxy requires credentials, and there are none",
            "The proxy http://server.example:80 (hop 1) failed: The proxy answered with status 407"
                + " and requested Basic realm=\"squid\".",
            stage -> {
              Headers challenge = Headers.of("proxy-authenticate", "Basic realm=\"squid\"");
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(407, challenge, Bytes.EMPTY);
                  });
              return via(stage, "http://server.example");
            }),
        of(
            Reason.AuthenticatorThrew.class,
            "the user's authenticator for a proxy throws",
            "The proxy http://server.example:80 (hop 1) failed: The proxy authenticator threw:"
                + " java.lang.IllegalStateException: no ticket.",
            stage -> {
              Headers challenge = Headers.of("proxy-authenticate", "Negotiate");
              stage.origin(
                  visit -> {
                    visit.request();
                    visit.respond(407, challenge, Bytes.EMPTY);
                  });
              ProxyAuthenticator throwing =
                  (host, port) -> {
                    throw new IllegalStateException("no ticket");
                  };
              return via(stage, Proxy.of("http://server.example").authenticator(throwing));
            }),
        of(
            Reason.Socks.class,
            "a SOCKS proxy requires credentials, and there are none",
            "The proxy socks5h://server.example:80 (hop 1) failed: The proxy refused the tunnel: it"
                + " takes none of the offered methods of authentication (SOCKS reply 255).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.read(3);
                    visit.write(Bytes.wrap(new byte[] {5, (byte) 0xff}));
                  });
              return via(stage, "socks5h://server.example:80");
            }),
        of(
            Step.PROXY,
            "a proxy does not answer",
            "The proxy socks5h://server.example:80 (hop 1) failed: The answer of the proxy took"
                + " longer than 15 s (proxy.timeout).",
            stage -> {
              stage.origin(Script.silent());
              return via(stage, "socks5h://server.example:80");
            }),

        // ---- the end of a connection
        of(
            Reason.Closed.class,
            "the server ends a connection that nobody uses",
            "The server closed the connection.",
            stage -> {
              stage.origin(visit -> {});
              return Stage.down(stage.open());
            }),
        like(
            Reason.Reset.class,
            "the server's machine resets the connection",
            "The connection broke: Connection reset( by peer)?\\.",
            stage -> {
              Origin origin = stage.closing(Origin.start(Script.reset()));
              return Stage.down(stage.closing(Lariat.open(origin.host(), origin.port())));
            }),
        of(
            Step.WRITE,
            "the server does not read any more",
            "The wait for the server to read took longer than 30 s (timeouts.write).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.halfOpen();
                    visit.awaitEnd();
                  });
              WebSocket socket = stage.webSocket();
              socket.trySend(new Binary(Bytes.wrap(new byte[1 << 20])));
              return Stage.streamFailed(socket.connection());
            }),
        of(
            Step.PONG,
            "the server is gone, and nobody says so",
            "The answer to a ping took longer than 10 s (keepalive.deadline).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.halfOpen();
                    visit.awaitEnd();
                  });
              return Stage.streamFailed(stage.webSocket().connection());
            }),
        of(
            Step.CLOSE,
            "the server does not answer a close frame",
            "Closing took longer than 15 s (timeouts.closing).",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.awaitEnd();
                  });
              WebSocket socket = stage.webSocket();
              socket.close();
              return Stage.streamFailed(socket.connection());
            }),
        of(
            Reason.OwnerClosed.class,
            "the user closes the connection",
            "The owner closed the connection.",
            stage -> {
              stage.origin(Script.silent());
              Connection connection = stage.open();
              Stage.up(connection);
              connection.get("/");
              connection.close();
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.GaveUp.class,
            "no attempt is to follow",
            "No retry follows: The server closed the connection.",
            stage -> {
              stage.origin(visit -> {});
              Connection connection = stage.open(stage.options.retry(Backoff.NEVER));
              return Stage.next(connection, Terminated.class).reason();
            }),
        like(
            Reason.GaveUp.class,
            "two attempts are to follow",
            "Gave up after 2 retries: The address [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              Connection connection = stage.open(stage.options.retry(Backoff.DEFAULT.attempts(2)));
              return Stage.next(connection, Terminated.class).reason();
            }),
        of(
            Reason.BadState.class,
            "a frame is sent when the WebSocket has ended",
            "The operation send is not possible: the WebSocket is closing or closed.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.awaitEnd();
                  });
              WebSocket socket = stage.webSocket();
              socket.close();
              socket.send(new Text("late"));
              return Stage.next(socket.connection(), Rejected.class).reason();
            }),
        like(
            Reason.BadState.class,
            "something is asked of a connection that has given up",
            "The operation request is not possible: the connection has terminated: The address"
                + " [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              Connection connection = stage.open(stage.options.retry(Backoff.NEVER));
              Stage.next(connection, Terminated.class);
              return Stage.of(() -> connection.get("/"));
            }),
        of(
            Reason.Bound.HELD_COMMANDS,
            "requests are made, and the server is away",
            "The number of commands that wait for the connection exceeded the limit of 2"
                + " (limits.heldCommands).",
            stage -> {
              stage.host().partition();
              Limits few = Limits.DEFAULT.heldCommands(2);
              Connection connection = stage.open(stage.options.limits(few));
              for (int i = 0; i < 3; i++) {
                connection.get("/");
              }
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.Bound.HELD_BYTES,
            "large requests are made, and the server is away",
            "The size of the commands that wait for the connection exceeded the limit of 1000 bytes"
                + " (limits.heldBytes).",
            stage -> {
              stage.host().partition();
              Limits small = Limits.DEFAULT.heldBytes(1000);
              Connection connection = stage.open(stage.options.limits(small));
              Request post = Request.of("POST", "/").body(Bytes.wrap(new byte[600]));
              connection.request(post);
              connection.request(post);
              return Stage.streamFailed(connection);
            }),
        of(
            Reason.Fault.class,
            "Lariat has a bug",
            "Lariat failed (a bug worth reporting): java.lang.IllegalStateException: it broke.",
            stage -> {
              Connection connection = stage.open(ConnectionOptions.DEFAULT.platform(broken(stage)));
              return Stage.next(connection, Terminated.class).reason();
            }),

        // ---- the wait for room to send
        of(
            Step.SEND,
            "the server does not read, and the user goes on sending",
            "The wait for room to send took longer than 20 s (sendTimeout): The wait for the server"
                + " to read has taken 20 s so far.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.halfOpen();
                    visit.awaitEnd();
                  });
              WebSocket socket =
                  stage.webSocket(
                      stage.open(), WebSocketOptions.DEFAULT.sendTimeout(Duration.ofSeconds(20)));
              socket.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              socket.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              return Stage.of(() -> socket.send(new Text("more")));
            }),
        like(
            Step.SEND,
            "the server has not accepted the WebSocket yet",
            "The wait for room to send took longer than 5 s \\(sendTimeout\\): The upgrade has"
                + " taken 499[0-9] ms so far\\.",
            stage -> {
              stage.origin(Script.silent());
              WebSocket socket =
                  stage.open().webSocket("/", WebSocketOptions.DEFAULT.sendTimeout(SHORT));
              socket.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              return Stage.of(() -> socket.send(new Text("more")));
            }),
        like(
            Step.SEND,
            "there is no connection",
            "The wait for room to send took longer than 5 s \\(sendTimeout\\): The address"
                + " [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              WebSocket socket =
                  stage.open().webSocket("/", WebSocketOptions.DEFAULT.sendTimeout(SHORT));
              socket.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              return Stage.of(() -> socket.send(new Text("more")));
            }),
        like(
            Step.SEND,
            "the server does not read the body of a request",
            "The wait for room to send took longer than 20 s \\(sendTimeout\\): The wait for the"
                + " server to read has taken [0-9]+ m?s so far\\.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.head();
                    visit.halfOpen();
                    visit.awaitEnd();
                  });
              Request post = Request.of("POST", "/").sendTimeout(Duration.ofSeconds(20));
              Connection connection = stage.open();
              var exchange = connection.begin(post);
              exchange.data(Bytes.wrap(new byte[8 << 20]), false);
              return Stage.of(() -> exchange.data(Bytes.ofUtf8("more"), false));
            }));
  }

  /** The stage's machine with a bug in it. */
  private static Machine broken(Stage stage) {
    Dialer dialer =
        (loop, outcome) -> {
          throw new IllegalStateException("it broke");
        };
    return (Machine)
        java.lang.reflect.Proxy.newProxyInstance(
            Machine.class.getClassLoader(),
            new Class<?>[] {Machine.class},
            (proxy, method, arguments) ->
                method.getName().equals("dialer")
                    ? dialer
                    : method.invoke(stage.simulation.platform(), arguments));
  }

  private static Reason tls(Stage stage, Script script, ConnectionOptions options) {
    Origin origin = stage.closing(Origin.start(script));
    Connection connection =
        stage.closing(Lariat.open(origin.host(), origin.port(), options.tls(Tls.DEFAULT)));
    return Stage.of(() -> connection.awaitUp(PATIENCE));
  }

  private static Reason certificate(Stage stage, ServerCertificate certificate) {
    Origin origin = stage.closing(Origin.startTls(certificate, Script.silent()));
    ConnectionOptions options = ConnectionOptions.DEFAULT.tls(origin.tls());
    Connection connection = stage.closing(Lariat.open(origin.host(), origin.port(), options));
    return Stage.of(() -> connection.awaitUp(PATIENCE));
  }
}
