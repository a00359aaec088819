package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.store.CookieJar;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Content;
import dev.lariat.option.Cookies;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A conversation that a fuzzer writes octet by octet. The first says how HTTP is spoken; after it,
 * those below 0x80 are what the server says, and the others are what happens in between: four bits
 * say what, three to whom or how.
 */
final class Script {
  private static final Duration[] TIMES = {
    Duration.ofNanos(1),
    Duration.ofMillis(1),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(15),
    Duration.ofSeconds(31),
    Duration.ofDays(1)
  };

  private final byte[] octets;
  private final Server server;
  private final List<Stream> streams = new ArrayList<>();
  private final List<Followed> fates = new ArrayList<>();
  private final StringBuilder said = new StringBuilder();
  private boolean hungUp;

  Script(byte[] octets) {
    this.octets = octets;
    int how = octets.length == 0 ? 0 : octets[0];
    Http1 http1 = Http1.DEFAULT;
    if ((how & 1) != 0) {
      http1 = http1.version(Http1.Version.HTTP_1_0);
    }
    if ((how & 2) != 0) {
      http1 = http1.keepalive(Duration.ofSeconds(30));
    }
    if ((how & 32) == 0) {
      http1 = http1.pipelining(3);
    }
    if ((how & 64) == 0) {
      http1 = http1.pipelinedMethods(Http1.Methods.ALL);
    }
    Limits limits =
        Limits.DEFAULT.headerBlock(512).discarded(64).event(64).decompressed(4096).inflateRatio(20);
    Optional<Cookies> cookies =
        (how & 4) == 0 ? Optional.empty() : Optional.of(Cookies.in(CookieJar.create()));
    server =
        new Server(
            http1,
            (how & 8) == 0 ? limits : limits.heldCommands(2),
            new CookieHeaders(cookies, (how & 16) != 0));
  }

  /** Plays it to its end, and holds what is true of every engine. */
  void play() {
    for (int i = 1; i < octets.length && goesOn(); i++) {
      if (octets[i] >= 0) {
        said.append((char) octets[i]);
      } else if (octets[i] == (byte) 0x80 && i + 1 < octets.length) {
        said.append((char) (octets[++i] & 0xff | 0x80)); // an octet that would mean something here
      } else {
        say();
        if (goesOn()) {
          happens(octets[i] & 0xf, octets[i] >> 4 & 7);
        }
      }
    }
    if (goesOn()) {
      say();
    }
    end();
  }

  private boolean goesOn() {
    return server.out.change() == null && !hungUp;
  }

  private void say() {
    if (!said.isEmpty()) {
      server.says(said.toString());
      said.setLength(0);
    }
  }

  private void happens(int what, int how) {
    Request get = Request.of("GET", "/");
    switch (what) {
      case 0 -> {} // the input is cut here
      case 1 ->
          add(server.request(get.content(content(how)).credit(how < 4 ? how : Long.MAX_VALUE)));
      case 2 -> {
        Request put = Request.of("PUT", "/");
        put = (how & 1) == 0 ? put : put.expectContinue(Duration.ofSeconds(1));
        put = (how & 2) == 0 ? put : put.header("content-length", "4");
        add(server.headers((how & 4) == 0 ? put : put.credit(0)));
      }
      case 3 -> to(how, stream -> server.data(stream, "xx", false));
      case 4 -> to(how, stream -> server.data(stream, "xx", true, Headers.EMPTY, followed()));
      case 5 -> to(how, stream -> server.data(stream, "", true, Headers.of("t", "u"), null));
      case 6 -> to(how, server::cancel);
      case 7 -> to(how, stream -> command(new Command.Credit(stream, 1 + how)));
      case 8 -> server.passes(TIMES[how]);
      case 9 -> {
        server.writable((how & 1) != 0);
        server.out.writableTimes = how < 4 ? Integer.MAX_VALUE : how - 4;
      }
      case 10 -> {
        Stream socket = server.upgrade();
        add(socket);
        if (how > 3) {
          server.send(socket, new Text("early"), "early");
        }
      }
      case 11 -> add(timed(get.credit(how), List.of("parrot")));
      case 12 -> add(timed(get.timeout(TIMES[Math.max(1, how)]), List.of()));
      case 13 -> {
        Request request = how < 4 ? Request.of("HEAD", "/") : Request.of("POST", "/");
        request = (how & 1) == 0 ? request : request.header("connection", "keep-alive");
        request = (how & 2) == 0 ? request : request.header("connection", "close");
        request = how < 6 ? request : request.body(Bytes.ofUtf8("ab"));
        add(server.request(how == 7 ? request.expectContinue(Duration.ofSeconds(1)) : request));
      }
      case 14 -> server.engine.shutdown(server.out.at(server.now));
      default -> hangsUp(how);
    }
  }

  private static Content content(int how) {
    Content content = new Content((how & 1) != 0, (how & 2) != 0, List.of());
    return (how & 4) == 0 ? content : content.handler(Script::upperCase);
  }

  /** Passes on what is no letter, and throws at the sign for it. */
  private static Optional<ContentHandler> upperCase(ContentHandler.Session session) {
    return Optional.of(
        new ContentHandler() {
          @Override
          public void data(Bytes bytes) {
            String text = bytes.utf8();
            if (text.contains("throw")) {
              throw new IllegalStateException("as asked");
            }
            session.tell(text);
          }

          @Override
          public void end() {
            session.tell("end");
          }
        });
  }

  private Stream timed(Request request, List<String> protocols) {
    Stream stream = server.out.stream("request");
    long deadline = request.timeout().map(time -> server.now + time.toNanos()).orElse(Engine.NEVER);
    command(new Command.Request(stream, request, true, deadline, protocols, FieldNames.PLAIN));
    return stream;
  }

  private void command(Command.OfStream command) {
    server.engine.command(command, server.out.at(server.now));
  }

  private Followed followed() {
    Followed fate = new Followed();
    fates.add(fate);
    return fate;
  }

  private void hangsUp(int how) {
    if (how == 0) {
      server.notifiesOfItsClose();
    }
    if (how == 1) {
      server.isCutOff();
    } else {
      server.hangsUp();
    }
    hungUp = true;
  }

  private void add(Stream stream) {
    streams.add(stream);
  }

  private interface Act {
    void on(Stream stream);
  }

  private void to(int whom, Act act) {
    if (!streams.isEmpty()) {
      act.on(streams.get(whom % streams.size()));
    }
  }

  // ---- the end

  private void end() {
    Change change = server.out.change();
    if (change == null && !hungUp) {
      server.hangsUp();
      change = server.out.change();
    }
    switch (change) {
      case null -> endsFor(new Reason.Closed()); // something is kept for want of credit
      case Change.Close(var reason) -> {
        assertThat(reason.sentence()).isNotEmpty();
        endsFor(reason);
      }
      case Change.SpeakWebSocket(var stream, _, _, _, var early, _) -> handsOver(stream, early);
      case Change.SpeakRaw(var stream, _, var early, _) -> handsOver(stream, early);
      case Change.Closing closing -> throw new AssertionError(closing);
    }
    server.out.discard();
    server.out.expectEnd();
    assertThat(fates).allMatch(fate -> !fate.isOpen());
  }

  private void endsFor(Reason reason) {
    server.end(reason);
  }

  /** The stream is another engine's, which here ends at once. */
  private void handsOver(Stream stream, List<Command.OfStream> early) {
    Reason reason = new Reason.Closed();
    early.forEach(command -> Refusals.refuse(command, reason, server.out));
    Refusals.fail(stream, reason, server.out);
    assertThat(server.engine.bodies()).isZero();
  }
}
