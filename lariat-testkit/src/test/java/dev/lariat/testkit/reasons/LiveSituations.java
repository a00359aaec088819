package dev.lariat.testkit.reasons;

import static dev.lariat.testkit.reasons.Situation.like;
import static dev.lariat.testkit.reasons.Situation.of;

import dev.lariat.live.AttemptBudget;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Text;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import dev.lariat.option.Silence;
import dev.lariat.option.Supervision;
import dev.lariat.option.TopicOptions;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.Supervisor;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Exchange;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What happens to connections that heal themselves, and to a supervisor. */
final class LiveSituations {
  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final Script QUIET =
      visit -> {
        WebSocketVisit socket = visit.acceptWebSocket();
        while (socket.receive() != null) {} // it answers pings
      };

  private LiveSituations() {}

  static List<Situation> all() {
    return List.of(
        // ---- the way to a session
        of(
            Step.ENDPOINT,
            "the user's code finds no endpoint in time",
            "The search for an endpoint took longer than 30 s (live.endpoint or events.endpoint).",
            stage -> {
              LiveWebSocket live =
                  stage.closing(
                      LiveWebSocket.to(
                              (attempt, last) -> {
                                stage.simulation.pause(Duration.ofDays(1));
                                return Endpoint.of("ws://server.example/");
                              })
                          .options(stage.liveOptions())
                          .open());
              return Stage.waiting(live);
            }),
        of(
            Reason.EndpointThrew.class,
            "the user's code that finds an endpoint throws",
            "The endpoint function threw: java.lang.IllegalStateException: no token.",
            stage -> {
              LiveWebSocket live =
                  stage.closing(
                      LiveWebSocket.to(
                              (attempt, last) -> {
                                throw new IllegalStateException("no token");
                              })
                          .options(stage.liveOptions())
                          .open());
              return Stage.waiting(live);
            }),
        of(
            Step.ANSWER,
            "the server does not answer the request for events",
            "The answer to the request took longer than 30 s (events.answer).",
            stage -> {
              stage.origin(Script.silent());
              return Stage.waiting(stage.events(stage.eventOptions()));
            }),
        of(
            Step.OPENING,
            "the user's opening step takes too long",
            "The opening of the session took longer than 30 s (live.opening).",
            stage -> {
              stage.origin(QUIET);
              LiveWebSocket live =
                  stage.closing(
                      LiveWebSocket.to("ws://server.example/")
                          .options(stage.liveOptions())
                          .onOpen(session -> stage.simulation.pause(Duration.ofDays(1)))
                          .open());
              return Stage.waiting(live);
            }),
        of(
            Step.RECEIVE,
            "the user's opening step waits for a frame that does not come",
            "The opening step threw: dev.lariat.FailedException: The wait for a frame"
                + " took longer than 5 s.",
            stage -> opening(stage, session -> session.receive(SHORT))),
        of(
            Reason.OpeningThrew.class,
            "the user's opening step throws",
            "The opening step threw: java.lang.IllegalStateException: login refused.",
            stage ->
                opening(
                    stage,
                    session -> {
                      throw new IllegalStateException("login refused");
                    })),
        like(
            Step.AWAIT_OPEN,
            "the user waits for a session of a server that refuses",
            "The wait for a session took longer than 5 s: The address [0-9.]+:80 refused the"
                + " connection\\.",
            stage -> {
              stage.host().refuse();
              LiveWebSocket live = stage.live(stage.liveOptions());
              return Stage.of(() -> live.awaitOpen(SHORT));
            }),
        like(
            Step.AWAIT_OPEN,
            "the user waits for the first session of a server that does not answer",
            "The wait for a session took longer than 5 s: The address [0-9.]+:80 cannot be reached:"
                + " no answer so far\\.",
            stage -> {
              stage.host().partition();
              LiveWebSocket live = stage.live(stage.liveOptions());
              return Stage.of(() -> live.awaitOpen(SHORT));
            }),
        of(
            Step.AWAIT_OPEN,
            "the user waits for a session while his own code looks for an endpoint",
            "The wait for a session took longer than 5 s: The search for an endpoint has taken"
                + " 5 s so far.",
            stage -> {
              LiveWebSocket live =
                  stage.closing(
                      LiveWebSocket.to(
                              (attempt, last) -> {
                                stage.simulation.pause(Duration.ofDays(1));
                                return Endpoint.of("ws://server.example/");
                              })
                          .options(stage.liveOptions())
                          .open());
              return Stage.of(() -> live.awaitOpen(SHORT));
            }),
        of(
            Reason.BudgetSpent.class,
            "the attempts of a group are used up",
            "The group's budget of attempts is used up for now.",
            stage -> {
              stage.origin(QUIET);
              AttemptBudget budget = AttemptBudget.perSecond(0.1, 1);
              Healing healing = Healing.DEFAULT.budget(budget);
              stage.live(stage.liveOptions().healing(healing)).awaitOpen(SHORT);
              return Stage.waiting(stage.live(stage.liveOptions().healing(healing)));
            }),

        // ---- the end of a session
        of(
            Reason.Ended.class,
            "the server ends a stream of events",
            "The server ended the response.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.request();
                    EventStream events = visit.events();
                    events.send("one");
                    events.end();
                    visit.awaitEnd();
                  });
              return Stage.waiting(stage.events(stage.eventOptions()));
            }),
        of(
            Step.SILENCE,
            "the server sends no message for too long",
            "The wait for a message took longer than 60 s (silence.limit or" + " events.between).",
            stage -> {
              stage.origin(QUIET);
              Silence silence = Silence.of(Duration.ofMinutes(1));
              return Stage.waiting(stage.live(stage.liveOptions().silence(silence)));
            }),
        of(
            Bound.EVENT,
            "the server sends an event without end",
            "The event exceeded the limit of 1000 bytes (limits.event).",
            stage -> event(stage, "x".repeat(2000), 1000)),
        of(
            Bound.EVENT_ID,
            "the server gives an event a long id",
            "The id of an event exceeded the limit of 4096 bytes (limits.eventId).",
            stage -> event(stage, "e\nid: " + "x".repeat(5000), 1 << 20)),
        of(
            Bound.EMPTY_EVENTS,
            "the server sends comments without end",
            "The number of comments and events without data exceeded the limit of 1000 at once and"
                + " 100 a second, which is not configurable.",
            stage -> event(stage, "one\n\n" + ":\n".repeat(3000), 1 << 20)),
        like(
            Reason.Refused.class,
            "the user's budget of attempts throws, which is no reason to stop",
            "The address [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              Healing healing =
                  Healing.DEFAULT.budget(
                      now -> {
                        throw new IllegalStateException("no budget");
                      });
              return Stage.waiting(stage.live(stage.liveOptions().healing(healing)));
            }),
        like(
            Reason.Refused.class,
            "the user's classifier throws, which is no reason to stop",
            "The address [0-9.]+:80 refused the connection\\.",
            stage -> {
              stage.host().refuse();
              Healing healing =
                  Healing.DEFAULT.classifier(
                      reason -> {
                        throw new IllegalStateException("no verdict");
                      });
              return Stage.waiting(stage.live(stage.liveOptions().healing(healing)));
            }),

        // ---- topics
        of(
            Reason.TopicRefused.class,
            "the server refuses a topic",
            "The server refused the topic xyz: unknown-symbol.",
            stage -> topic(stage, TopicOptions.DEFAULT, "xyz")),
        of(
            Step.SUBSCRIBE,
            "the server does not acknowledge the subscription of a topic",
            "The subscription took longer than 10 s (topics.acknowledgement).",
            stage ->
                topic(stage, TopicOptions.DEFAULT.acknowledgement(Duration.ofSeconds(10)), "mute")),
        of(
            Bound.TOPICS,
            "all sockets have all the topics that they may have",
            "The number of topics exceeded the limit of 1 (topics.sockets).",
            stage -> topic(stage, TopicOptions.DEFAULT.perSocket(1).sockets(1), "BTC", "ETH")),

        // ---- what is sent
        of(
            Bound.OUTBOX,
            "messages wait for a session, and there is no room for one more",
            "The number of messages in the outbox exceeded the limit of 1 (outbox.messages).",
            stage -> outbox(stage, Outbox.DEFAULT.overflow(Overflow.FAIL).messages(1))),
        of(
            Bound.OUTBOX_BYTES,
            "messages wait for a session, and there is no room for the bytes of one more",
            "The outbox exceeded the limit of 10 bytes (outbox.bytes).",
            stage -> outbox(stage, Outbox.DEFAULT.overflow(Overflow.FAIL).bytes(10))),
        like(
            Step.SEND,
            "the outbox is full, and there is no session",
            "The wait for room to send took longer than 30 s \\(sendTimeout\\): The address"
                + " [0-9.]+:80 refused the connection\\.",
            stage -> outbox(stage, Outbox.DEFAULT.messages(1))),
        of(
            Step.SEND,
            "the outbox is full, and the server of the session does not read",
            "The wait for room to send took longer than 20 s (sendTimeout): The wait for the server"
                + " to read has taken 20 s so far.",
            stage -> {
              stage.origin(
                  visit -> {
                    visit.acceptWebSocket();
                    visit.halfOpen();
                    visit.awaitEnd();
                  });
              Outbox outbox = Outbox.DEFAULT.messages(1).sendTimeout(Duration.ofSeconds(20));
              LiveWebSocket live = stage.live(stage.liveOptions().outbox(outbox));
              live.awaitOpen(SHORT);
              live.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              live.send(new Binary(Bytes.wrap(new byte[8 << 20])));
              live.send(new Text("waits"));
              return Stage.of(() -> live.send(new Text("more")));
            }),
        of(
            Reason.Superseded.class,
            "a newer price takes the place of one that waits",
            "A newer message replaced this one.",
            stage -> {
              stage.host().refuse();
              LiveWebSocket live =
                  stage.live(stage.liveOptions().outbox(Outbox.DEFAULT.conflate(frame -> "price")));
              Delivery delivery = live.deliver(new Text("1"));
              live.deliver(new Text("2"));
              return delivery.reason().orElseThrow();
            }),
        of(
            Reason.Unconfirmed.class,
            "the session is lost while a message is on its way",
            "The message may or may not have arrived: The server closed the connection.",
            stage -> {
              stage.origin(
                  visit -> {
                    WebSocketVisit socket = visit.acceptWebSocket();
                    socket.send(new Text("go"));
                    visit.pause(Duration.ofSeconds(2));
                  },
                  QUIET);
              LiveWebSocket live = stage.live(stage.liveOptions());
              live.awaitOpen(SHORT);
              live.send(new Binary(Bytes.wrap(new byte[1 << 20])));
              return Stage.next(live.mailbox(), dev.lariat.message.Rejected.class, Stage.LONG)
                  .reason();
            }),

        // ---- a supervisor
        of(
            Reason.RestartsExceeded.class,
            "a child fails again and again",
            "The supervisor gave up because more than 1 restart within 5 s were necessary: the"
                + " child \"feed\" threw java.lang.IllegalStateException: no such topic.",
            stage -> {
              Supervisor supervisor =
                  stage.closing(
                      Supervisor.open(Supervision.DEFAULT.platform(stage.simulation.platform())));
              supervisor.start(
                  Child.of(
                      "feed",
                      scope -> {
                        throw new IllegalStateException("no such topic");
                      }));
              return Stage.of(supervisor::join);
            }));
  }

  private static Reason opening(Stage stage, LiveWebSocket.Step step) throws Exception {
    stage.origin(QUIET);
    return Stage.waiting(
        stage.closing(
            LiveWebSocket.to("ws://server.example/")
                .options(stage.liveOptions())
                .onOpen(step)
                .open()));
  }

  private static Reason event(Stage stage, String data, int limit) throws Exception {
    stage.origin(
        visit -> {
          visit.request();
          EventStream events = visit.events();
          visit.write(Integer.toHexString(data.length() + 8) + "\r\ndata: " + data + "\n\n\r\n");
          visit.awaitEnd();
        });
    var limits = dev.lariat.option.Limits.DEFAULT.event(limit);
    LiveEvents events = stage.events(stage.eventOptions().connection(stage.options.limits(limits)));
    return Stage.waiting(events);
  }

  /** What a sender meets who has no session and this outbox. */
  private static Reason outbox(Stage stage, Outbox outbox) throws Exception {
    stage.host().refuse();
    LiveWebSocket live = stage.live(stage.liveOptions().outbox(outbox));
    Stage.waiting(live);
    live.send(new Text("waits"));
    return Stage.of(() -> live.send(new Text("more")));
  }

  /** How the last of these topics ends. */
  private static Reason topic(Stage stage, TopicOptions options, String... names) throws Exception {
    stage.origin(new Exchange(50));
    LiveWebSocket.Plan sockets =
        LiveWebSocket.to("ws://" + Stage.NAME + "/").options(stage.liveOptions());
    Topics topics =
        stage.closing(Topics.over(sockets, new Exchange.Rule()).options(options).open());
    List<TopicReader> readers = Stream.of(names).map(topics::open).toList();
    return Stage.of(() -> readers.getLast().iterator().hasNext());
  }
}
