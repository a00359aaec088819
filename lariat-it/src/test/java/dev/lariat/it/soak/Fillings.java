package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.live.LiveEvents;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.CookieLimits;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Servers that fill what this side keeps: mailboxes that nobody reads, ids and cookies. */
final class Fillings {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MEBIBYTE = 1 << 20;
  private static final int COOKIES = 37_000;
  private static final int AT_ONCE = 1000; // cookies
  private static final int IDS = 5000;

  private Fillings() {}

  static List<Hostile.Attack> all() {
    return List.of(
        new Hostile.Attack("messages that nobody reads", Fillings::well, Fillings::unread),
        new Hostile.Attack(
            "a response cancelled (full mailbox)", Fillings::well, Fillings::cancelled),
        new Hostile.Attack("an upgrade (full mailbox)", Fillings::well, Fillings::upgraded),
        new Hostile.Attack(
            "an upgrade without an answer (full mailbox)",
            reason ->
                reason instanceof Reason.Timeout timeout && timeout.step() == Reason.Step.UPGRADE,
            Fillings::notUpgraded),
        new Hostile.Attack("long event ids", Fillings::well, Fillings::ids),
        new Hostile.Attack(COOKIES + " cookies", Fillings::well, Fillings::cookies));
  }

  private static boolean well(Reason reason) {
    return reason == null;
  }

  private static void must(boolean be, String otherwise) {
    if (!be) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = Part.in(PATIENCE);
    while (!condition.getAsBoolean()) {
      must(System.nanoTime() < end, "not in " + PATIENCE + ": " + what);
      Part.pause(Duration.ofMillis(1));
    }
  }

  private static void await(CountDownLatch latch, String what) throws InterruptedException {
    must(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "not in " + PATIENCE + ": " + what);
  }

  // ---- mailboxes

  private static Reason unread() throws Exception {
    int most = 8; // mebibytes
    Limits limits = Limits.DEFAULT.inflateRatio(10_000).decompressed(1L << 50);
    try (Origin origin = Origin.start(Floods.sendsFrames("", Floods.zeros()));
        Mailbox mailbox = Mailbox.bounded(1000, (long) most * MEBIBYTE);
        Connection connection =
            Lariat.open(
                "127.0.0.1", origin.port(), ConnectionOptions.DEFAULT.limits(limits), mailbox)) {
      WebSocket socket = connection.webSocket("/", Floods.deflate());
      await(() -> mailbox.size() >= most, "the mailbox is full");
      for (int i = 0; i < 200; i++) {
        socket
            .info()
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS); // behind what the loop has in hand
      }
      must(mailbox.size() <= most + 4, mailbox.size() + " messages of a mebibyte are kept");
      return null;
    }
  }

  private static Reason cancelled() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.write("HTTP/1.1 200 OK\r\n\r\n");
                  try {
                    while (true) {
                      visit.write("x".repeat(10_000));
                    }
                  } finally {
                    ended.countDown();
                  }
                },
                Visit::awaitEnd);
        Mailbox mailbox = Mailbox.bounded(4);
        Connection connection = Lariat.open("127.0.0.1", origin.port(), mailbox)) {
      Exchange exchange = connection.get("/");
      await(() -> mailbox.size() >= 4, "the mailbox is full");
      exchange.cancel();
      await(ended, "a cancelled response ends its connection");
      return null;
    }
  }

  private static void answers(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.respond(204);
    }
  }

  /** Plays this with a mailbox that another connection has filled. */
  private static Reason withFull(FullMailbox play) throws Exception {
    try (Origin other = Origin.start(Fillings::answers);
        Mailbox mailbox = Mailbox.bounded(3);
        Connection fills = Lariat.open("127.0.0.1", other.port(), mailbox)) {
      for (int i = 0; i < 3; i++) {
        fills.get("/");
      }
      await(() -> mailbox.size() >= 3, "the mailbox is full");
      return play.with(mailbox);
    }
  }

  private interface FullMailbox {
    Reason with(Mailbox mailbox) throws Exception;
  }

  private static Reason upgraded() throws Exception {
    CountDownLatch came = new CountDownLatch(1);
    return withFull(
        mailbox -> {
          try (Origin origin =
                  Origin.start(
                      visit -> {
                        Frame frame = visit.acceptWebSocket().receive();
                        if (frame instanceof Text) {
                          came.countDown();
                        }
                      });
              Connection connection = Lariat.open("127.0.0.1", origin.port(), message -> {})) {
            connection
                .webSocket("/", WebSocketOptions.DEFAULT.replyTo(mailbox))
                .send(new Text("hello"));
            await(came, "what was sent before the answer arrives");
            return null;
          }
        });
  }

  private static Reason notUpgraded() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Timeouts timeouts = Timeouts.DEFAULT.upgrade(Duration.ofMillis(300));
    return withFull(
        mailbox -> {
          try (Origin origin =
                  Origin.start(
                      visit -> {
                        visit.request();
                        visit.awaitEnd();
                        ended.countDown();
                      },
                      Visit::awaitEnd);
              Connection connection =
                  Lariat.open(
                      "127.0.0.1",
                      origin.port(),
                      ConnectionOptions.DEFAULT.timeouts(timeouts),
                      message -> {})) {
            WebSocket socket = connection.webSocket("/", WebSocketOptions.DEFAULT.replyTo(mailbox));
            await(ended, "the deadline ends the connection");
            return Floods.end(mailbox, socket);
          }
        });
  }

  // ---- what is remembered

  private static Reason ids() {
    String padding = "x".repeat(4000);
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  EventStream events = visit.events();
                  for (int i = 0; i < IDS; i++) {
                    events.send(i + padding, Integer.toString(i));
                  }
                  visit.awaitEnd();
                });
        LiveEvents live = LiveEvents.to(origin.uri("http", "/")).open()) {
      int next = 0;
      for (ServerSentEvent event : live) {
        must(event.data().equals(Integer.toString(next)), event.data() + " came as " + next);
        if (++next == IDS) {
          break;
        }
      }
      return null;
    }
  }

  private static Reason cookies() {
    CookieJar jar = CookieJar.create(new CookieLimits(100_000, 10_000_000), InstantSource.system());
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.cookies(jar).limits(Limits.DEFAULT.headerBlock(MEBIBYTE));
    try (Origin origin = Origin.start(Fillings::gives);
        Connection connection = Lariat.open("127.0.0.1", origin.port(), options)) {
      for (int first = 0; first < COOKIES; first += AT_ONCE) {
        connection.get("/" + first).body(PATIENCE);
      }
      must(jar.all().size() == COOKIES, jar.all().size() + " cookies are kept");
      for (int first = 0; first < COOKIES; first += AT_ONCE) {
        String back = connection.get("/kept" + first + "/").text(PATIENCE);
        must(back.equals(Integer.toString(AT_ONCE)), back + " cookies come back");
      }
      return null;
    }
  }

  private static void gives(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (asked.target().startsWith("/kept")) {
        String all = asked.headers().first("cookie").orElse("");
        visit.respond(200, Integer.toString(all.split("; ").length));
      } else {
        int first = Integer.parseInt(asked.target().substring(1));
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        for (int i = first; i < first + AT_ONCE; i++) {
          head.append("Set-Cookie: c")
              .append(i)
              .append("=v; Path=/kept")
              .append(first)
              .append("\r\n");
        }
        visit.write(head.append("\r\n").toString());
      }
    }
  }
}
