package dev.lariat.live;

import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Machine;
import dev.lariat.live.LiveOutbox.Posted;
import dev.lariat.message.Binary;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Request;
import dev.lariat.option.Silence;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The loop's side of a {@link LiveWebSocket}: its sessions, and what goes out by them. */
final class LiveSocket extends LiveLoop<SocketSession> {
  private final LiveOptions options;
  private final LiveWebSocket.@Nullable Step step;
  private final LiveOutbox outbox;
  private final Set<SocketSession> alive = new LinkedHashSet<>(); // whose connection is

  private ConnectionOptions connection;
  private WebSocketOptions webSocket;
  private Optional<Silence> silence;
  private Optional<Reason> last = Optional.empty(); // why the session or attempt before ended

  private @Nullable SocketSession carrier; // whose messages are told
  private volatile @Nullable SocketSession sender; // by which messages go out; set on the loop
  private @Nullable SocketSession before; // was the sender; not all of its has landed
  private boolean awaitsRoom; // at the sender's gate
  private boolean leaving;
  private @Nullable Reason why; // it is over

  LiveSocket(
      LiveRef ref,
      LiveOptions options,
      Endpoints endpoints,
      LiveWebSocket.@Nullable Step step,
      Machine machine,
      Inbox owner) {
    super(ref, options, endpoints, machine, owner);
    this.options = options;
    this.step = step;
    this.connection = ofSession(options.connection());
    this.webSocket = options.webSocket();
    this.silence = options.silence();
    this.outbox =
        new LiveOutbox(options.outbox(), machine, this::wake, this::dropped, this::whyNotSent);
  }

  LiveOutbox outbox() {
    return outbox;
  }

  // ---- changes while it lives

  void keepalive(Keepalive keepalive) {
    webSocket = webSocket.keepalive(keepalive);
    alive.stream()
        .filter(session -> !session.hasEnded())
        .forEach(session -> session.socket().keepalive(keepalive));
  }

  void writeTimeout(Duration limit) {
    connection = connection.timeouts(connection.timeouts().write(limit));
    alive.stream()
        .filter(session -> !session.hasEnded())
        .forEach(session -> session.connection().writeTimeout(limit));
  }

  void silence(Optional<Silence> rule) {
    silence = rule;
    life.silence(rule, now());
  }

  // ---- sessions

  @Override
  public void search(long search, int attempt, Optional<Reason> last) {
    this.last = last;
    super.search(search, attempt, last);
  }

  @Override
  Approach approach(Endpoint endpoint) {
    Headers all = webSocket.headers();
    for (var field : endpoint.headers()) {
      all = all.with(field.name(), field.value());
    }
    webSocket.credentials(Optional.empty()).headers(all); // checks them
    Request upgrade = Request.of("GET", endpoint.target()).headers(all);
    Optional<Login> login = login(endpoint, webSocket.credentials());
    return new Approach(this, endpoint, upgrade, connection, options.redirects(), login);
  }

  @Override
  SocketSession connect(Approach approach) {
    Endpoint endpoint = approach.endpoint();
    WebSocketOptions its = webSocket.credentials(Optional.empty());
    its = its.headers(approach.request().headers());
    if (!endpoint.subprotocols().equals(Subprotocols.NONE)) {
      its = its.subprotocols(endpoint.subprotocols());
    }
    SocketSession session = new SocketSession(this, approach, its);
    alive.add(session);
    return session;
  }

  @Override
  public boolean open(SocketSession session) {
    LiveWebSocket.Step users = step;
    if (users == null) {
      session.open(null);
      return false;
    }
    session.open(Mailbox.create());
    Core.get().inbox(session.opening(), machine); // waits by the same time
    Session handle = new Session(session, session.upgraded(), last);
    session.runs(
        machine.start(
            "lariat-opening",
            () -> {
              try {
                users.run(handle);
                post(() -> opened(session));
              } catch (Throwable e) { // whatever a user's code throws
                post(() -> openingFailed(session, new Reason.OpeningThrew(e)));
              }
            }));
    return true;
  }

  private void opened(SocketSession session) {
    session.stepDone();
    life.opened(session, now());
  }

  private void openingFailed(SocketSession session, Reason reason) {
    if (!session.hasEnded()) { // or why it ended was told already
      session.end();
      life.lost(session, reason, now());
    }
  }

  @Override
  public void carry(SocketSession session, long number) {
    isOpen(number);
    var upgraded = session.upgraded();
    tell(new Open(ref, number, upgraded.subprotocol(), upgraded.headers()));
    carrier = session;
    session.carry();
    if (session.hasEnded()) { // while it was held
      ended(session);
    } else {
      sendBy(session);
    }
  }

  @Override
  public void sendBy(SocketSession session) {
    if (sender == session) {
      return;
    }
    if (sender != null) {
      detach(sender);
    }
    sender = session;
    attach();
  }

  @Override
  public boolean hasSent(SocketSession session) {
    return session.hasSent();
  }

  @Override
  public boolean hasLanded(SocketSession session) {
    return session.hasLanded();
  }

  @Override
  public void drain(SocketSession session) {
    session.socket().close();
  }

  @Override
  public void leave(SocketSession session) {
    leaving = true;
    outbox.close();
    pump();
  }

  @Override
  public void end(SocketSession session) {
    session.end();
    ended(session);
  }

  /** A session has ended by itself. */
  void lost(SocketSession session, Reason reason) {
    ended(session);
    life.lost(session, reason, now());
  }

  private void ended(SocketSession session) {
    if (session == carrier) {
      carrier = null;
      isClosed();
    }
    if (session == sender) {
      detach(session);
    }
  }

  /** The connection of a session has ended, too. */
  void terminated(SocketSession session) {
    alive.remove(session);
  }

  @Override
  public void over(Reason reason) {
    why = reason;
    if (!leaving) { // which has said goodbye, and lets the server close
      alive.forEach(session -> session.connection().close());
    }
    if (before == null) {
      finish(reason);
    }
  }

  /** Nothing is on its way any more, so what is told now is the last. */
  private void finish(Reason reason) {
    outbox.end(reason);
    super.over(reason);
  }

  // ---- what arrives

  /** Tells the owner what the carrier has received. */
  void deliver(Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      if (isMessage(batch[i])) {
        life.served();
        if (life.rests()) {
          life.stirred(now());
        }
        break;
      }
    }
    tell(batch, count);
  }

  private static boolean isMessage(Message message) {
    return message instanceof WebSocketFrame(var stream, var frame)
        ? frame instanceof Text || frame instanceof Binary
        : message instanceof WebSocketPart || message instanceof SubprotocolMessage;
  }

  /**
   * Asks the user which messages these acknowledge.
   *
   * @return what came of asking, where it was no answer
   */
  @Nullable Reason acknowledged(Message[] batch, int count) {
    Outbox.Acknowledgement rule = options.outbox().acknowledgement().orElse(null);
    if (rule == null) {
      return null;
    }
    try {
      for (int i = 0; i < count; i++) {
        if (batch[i] instanceof WebSocketFrame(var stream, var frame)) {
          Object identity = rule.received().apply(frame);
          if (identity != null) {
            acknowledged(identity);
          }
        }
      }
      return null;
    } catch (Throwable e) { // whatever a user's code throws
      return new Reason.HandlerThrew(e);
    }
  }

  private void acknowledged(Object identity) {
    Posted posted = outbox.acknowledge(identity);
    if (posted != null) {
      posted.acknowledged = true;
      alive.forEach(session -> session.acknowledged(posted));
      if (posted.delivery != null) {
        posted.delivery.acknowledged();
      }
    }
  }

  /**
   * Notes whether something of this counts against silence.
   *
   * @return what came of asking the user, where it was no answer
   */
  @Nullable Reason listen(Message[] batch, int count) {
    if (silence.isEmpty()) {
      return null;
    }
    try {
      hear(silence.get(), batch, count);
      return null;
    } catch (Throwable e) { // whatever a user's code throws
      return new Reason.HandlerThrew(e);
    }
  }

  private void hear(Silence rule, Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      boolean counts =
          batch[i] instanceof WebSocketFrame(var stream, var frame)
              ? rule.counts().test(frame)
              : batch[i] instanceof WebSocketPart || batch[i] instanceof SubprotocolMessage;
      if (counts) {
        life.heard(now());
      }
    }
  }

  // ---- what is sent

  private void wake() {
    post(this::pump);
  }

  /** Messages go out by the sender, once it is known what became of those before. */
  private void attach() {
    SocketSession open = sender;
    if (open != null && before == null) {
      awaitsRoom = false;
      outbox.attach(Core.get().gate(open.socket()));
      pump();
    }
  }

  /** What keeps the messages in the outbox; from any thread but the loop. */
  private Optional<Reason> whyNotSent() {
    SocketSession open = sender;
    return open == null ? whyNotOpen() : Core.get().gate(open.socket()).why();
  }

  @Override
  CompletableFuture<Optional<Reason>> soFar(SocketSession session) {
    return Core.get().door(session.connection()).ask(actor -> actor.whyNotSent(ref));
  }

  private void detach(SocketSession session) {
    sender = null;
    if (before == null) { // otherwise this one was given nothing yet
      before = session;
      outbox.detach();
      landed(session);
    }
  }

  /** Nothing of what was given to this session is on its way any more. */
  void landed(SocketSession session) {
    if (session != before || !session.hasLanded()) {
      return;
    }
    life.stirred(now());
    List<Posted> again = new ArrayList<>();
    session.settle(options.outbox().replay(), again);
    outbox.putBack(again);
    before = null;
    if (why == null) {
      turn(this::attach);
    } else {
      finish(why);
    }
  }

  private void pump() {
    SocketSession open = sender;
    if (open == null || before != null) {
      return;
    }
    for (Posted next = outbox.take(); next != null; next = outbox.take()) {
      open.send(next);
    }
    if (outbox.awaitsGate() && !awaitsRoom) {
      awaitsRoom = true;
      Core.get()
          .gate(open.socket())
          .whenRoom(
              () ->
                  post(
                      () -> {
                        if (sender == open) { // else the next one has a gate of its own
                          awaitsRoom = false;
                          pump();
                        }
                      }));
    }
    if (leaving && outbox.isEmpty()) {
      open.connection().shutdown();
    }
  }

  /** Nobody knows whether this was received. */
  void unknown(Posted posted, Reason reason) {
    posted.doubtful = true;
    dropped(posted, reason);
  }

  private void dropped(Posted posted, Reason reason) {
    boolean doubtful = posted.doubtful;
    Delivery delivery = posted.delivery;
    if (delivery == null) {
      Reason told = doubtful ? new Reason.Unconfirmed(reason) : reason;
      if (loop.isCurrent()) {
        reject(told);
      } else {
        post(() -> reject(told));
      }
    } else if (doubtful) {
      delivery.unknown(reason);
    } else {
      delivery.dropped(reason);
    }
  }

  /** What nobody follows is answered as on any WebSocket; after the end there is nobody. */
  private void reject(Reason reason) {
    if (!ended().isDone()) {
      tell(new Rejected(ref, "send", reason));
    }
  }
}
