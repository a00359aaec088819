package dev.lariat.live;

import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.transport.Loop;
import dev.lariat.live.LiveOutbox.Posted;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
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
import dev.lariat.option.Request;
import dev.lariat.option.Silence;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a {@link LiveWebSocket}: its sessions, and what goes out by them.
 *
 * <p>A session can have three roles. Without a rotation one session has the first two:
 *
 * <ul>
 *   <li>the <b>carrier</b>: what it receives is told to the owner;
 *   <li>the <b>sender</b>: messages go out by it. In a rotation the next session becomes the sender
 *       first, and the carrier when the one before has ended;
 *   <li>the <b>former</b> sender: messages are on their way that it may or may not have written.
 * </ul>
 *
 * <p>At most one session has messages on their way. While there is a former sender, the new one is
 * given nothing. When all of the former's messages have {@code landed}, {@link #landed} puts back
 * what must be sent again, and only then is the new sender attached. So messages keep their order,
 * and none is lost or sent twice without a rule that says so.
 */
final class LiveSocket extends LiveLoop<SocketSession> implements LiveOutbox.Taker {
  private final LiveOptions options;
  private final LiveWebSocket.@Nullable Step step; // the user's opening step; null without one
  private final LiveOutbox outbox;
  private final Arrivals arrivals;
  private ConnectionOptions connection; // for the next session, with the changes made since
  private WebSocketOptions webSocket; // for the next session, with the changes made since
  private Optional<Reason> last = Optional.empty(); // why the session or attempt before ended

  /** The session that messages go out by; null without one. Written on the loop. */
  private volatile @Nullable SocketSession sender;

  private @Nullable SocketSession former; // the former sender, until all of its messages landed
  private boolean awaitsRoom; // whether the sender's gate will call when it has room
  private @Nullable Close goodbye; // how the owner wants it to end; null while it goes on
  private boolean leaving; // whether it ends when everything is sent
  private @Nullable Reason endReason; // why it has ended; null while it lives

  LiveSocket(
      LiveRef ref,
      LiveOptions options,
      Endpoints endpoints,
      LiveWebSocket.@Nullable Step step,
      Ground ground,
      @Nullable Loop loop,
      LiveOwner owner) {
    super(ref, options, endpoints, ground, loop, owner);
    this.options = options;
    this.step = step;
    this.connection = once(ofSession(options.connection()));
    this.webSocket = options.webSocket();
    this.outbox = new LiveOutbox(options.outbox(), machine, this);
    this.arrivals = new Arrivals(this, options.outbox().acknowledgement(), options.silence());
  }

  LiveOutbox outbox() {
    return outbox;
  }

  // ---- changes while it lives

  void keepalive(Keepalive keepalive) {
    webSocket = webSocket.keepalive(keepalive);
    alive().stream()
        .filter(session -> !session.hasEnded())
        .forEach(session -> session.keepalive(keepalive));
  }

  void writeTimeout(Duration limit) {
    connection = connection.timeouts(connection.timeouts().write(limit));
    alive().stream()
        .filter(session -> !session.hasEnded())
        .forEach(session -> session.writeTimeout(limit));
  }

  void silence(Optional<Silence> rule) {
    arrivals.silence(rule);
    life.silence(rule, now());
  }

  /** Ends when everything is sent, with this frame; the first one counts. */
  void leave(Close with) {
    whileItLives(
        () -> {
          if (goodbye == null) {
            goodbye = with;
            life.leave(now());
          }
        });
  }

  @Override
  void leave() {
    leave(Close.GOING_AWAY);
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
    return new SocketSession(this, approach);
  }

  /** The options of the WebSocket of a session that has come to here. */
  WebSocketOptions webSocket(Approach approach) {
    Endpoint endpoint = approach.endpoint();
    WebSocketOptions its = webSocket.credentials(Optional.empty());
    its = its.headers(approach.request().headers());
    if (!endpoint.subprotocols().equals(Subprotocols.NONE)) {
      its = its.subprotocols(endpoint.subprotocols());
    }
    return its;
  }

  @Override
  ConnectionOptions ofSession(ConnectionOptions options) {
    return Forward.tunnelled(options);
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
    Session handle = new Session(session, session.acceptance(), last);
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
    session.endsWithItsStream();
  }

  private void openingFailed(SocketSession session, Reason reason) {
    session.stepFailed();
    if (!session.endsWithItsStream() && !session.hasEnded()) { // or why it ended was told already
      session.end();
      life.lost(session, reason, now());
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
    session.goodbye(Close.NORMAL);
  }

  @Override
  public void leave(SocketSession session) {
    leaving = true;
    outbox.close();
    pump();
  }

  @Override
  void ended(SocketSession session) {
    super.ended(session);
    if (session == sender) {
      detach(session);
    }
  }

  @Override
  public void over(Reason reason) {
    endReason = reason;
    if (!leaving) { // one that leaves has said goodbye, and the server closes the connection
      closeAll();
    }
    if (former == null) {
      finish(reason);
    }
  }

  /** Nothing is on its way any more: tells the end. */
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

  /** What the user's rules say of what arrives. */
  Arrivals arrivals() {
    return arrivals;
  }

  /** The server has the oldest message of this identity. */
  void acknowledged(Object identity) {
    Posted posted = outbox.acknowledge(identity);
    if (posted != null) {
      posted.acknowledged = true;
      alive().forEach(session -> session.acknowledged(posted));
      if (posted.delivery != null) {
        posted.delivery.acknowledged();
      }
    }
  }

  // ---- what is sent

  @Override
  public void wake() {
    post(this::pump);
  }

  /** Lets messages go out by the sender, if nothing of the former one is on its way. */
  private void attach() {
    SocketSession open = sender;
    if (open != null && former == null) {
      awaitsRoom = false;
      outbox.attach(Core.get().gate(open.socket()));
      pump();
    }
  }

  @Override
  public Optional<Reason> whyNotSent() {
    SocketSession open = sender;
    return open == null ? whyNotOpen() : Core.get().gate(open.socket()).why();
  }

  private void detach(SocketSession session) {
    sender = null;
    if (former == null) { // otherwise this session was given nothing
      former = session;
      outbox.detach();
      landed(session);
    }
  }

  /** Nothing of what was given to this session is on its way any more. */
  void landed(SocketSession session) {
    if (session != former || !session.hasLanded()) {
      return;
    }
    life.stirred(now());
    List<Posted> again = new ArrayList<>();
    session.settle(options.outbox().replay(), again);
    outbox.putBack(again);
    former = null;
    if (endReason == null) {
      turn(this::attach);
    } else {
      finish(endReason);
    }
  }

  private void pump() {
    SocketSession open = sender;
    if (open == null || former != null) {
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
                        if (sender == open) { // otherwise the gate is that of a former sender
                          awaitsRoom = false;
                          pump();
                        }
                      }));
    }
    if (leaving && outbox.isEmpty()) {
      open.goodbye(Objects.requireNonNull(goodbye));
    }
  }

  /** Nobody knows whether this was received. */
  void unknown(Posted posted, Reason reason) {
    posted.doubtful = true;
    dropped(posted, reason);
  }

  @Override
  public void dropped(Posted posted, Reason reason) {
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

  /**
   * Answers a message without a Delivery, as any WebSocket does; after the end it tells nothing.
   */
  private void reject(Reason reason) {
    if (!ended().isDone()) {
      tell(new Rejected(ref, "send", reason));
    }
  }
}
