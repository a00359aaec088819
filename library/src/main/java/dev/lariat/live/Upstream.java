package dev.lariat.live;

import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.topics.Socket;
import dev.lariat.internal.topics.Subscriptions;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.TopicRule.Control;
import dev.lariat.option.TopicRule.Meaning;
import dev.lariat.option.TopicRule.Of;
import dev.lariat.option.TopicRule.Refused;
import dev.lariat.option.TopicRule.Subscribed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One socket of {@link Topics}: the owner of a {@link LiveWebSocket}, which gives each message to
 * the readers of its topic. It is full while one of these readers is that blocks. On the loop, but
 * for {@link #say}.
 */
final class Upstream implements Inbox, Receiver {
  private final TopicsLoop topics;
  private final Socket<TopicReader, SocketSession> socket;
  private final LiveWebSocket live;
  private @Nullable Open open; // of the newest session; null before the first
  private @Nullable CompletableFuture<Boolean> step; // completes when all is said; null if it is
  private boolean broken; // whether the rule threw at a frame of the newest session
  private final Set<Inbox> full = new LinkedHashSet<>(); // of readers that block
  private @Nullable Inbox watched; // the one of them whose room is waited for; null if none is
  private final List<Runnable> whenRoom = new ArrayList<>(1);

  /** Opens the socket. */
  @SuppressWarnings("ThisEscape") // nothing is told before the loop's next task
  Upstream(TopicsLoop topics, Socket<TopicReader, SocketSession> socket, LiveWebSocket.Plan plan) {
    this.topics = topics;
    this.socket = socket;
    LiveWebSocket.Step users = plan.step();
    this.live =
        plan.onOpen(
                session -> {
                  if (users != null) {
                    users.run(session);
                  }
                  say(session.session(), plan);
                })
            .owner(this)
            .open();
  }

  /** The live WebSocket. */
  LiveWebSocket live() {
    return live;
  }

  /** What it has told of its newest session. */
  Open open() {
    return Objects.requireNonNull(open);
  }

  TopicsInfo.Socket info() {
    return new TopicsInfo.Socket(live, live.session(), socket.topics(), socket.subscribed());
  }

  // ---- the opening step

  /**
   * Says the topics in a new session, on the thread of its opening step. In a rotation it waits
   * until all are said, so that no topic is missing when the session takes over. But it does not
   * wait so long that the attempt fails. Without a session, nobody waits: the rest is said later.
   */
  private void say(SocketSession session, LiveWebSocket.Plan plan) throws InterruptedException {
    CompletableFuture<Boolean> said = new CompletableFuture<>();
    topics.post(
        () -> {
          topics.subscriptions().opening(socket, session, topics.now());
          if (step != null) {
            step.complete(false); // of an attempt that has failed
          }
          step = said;
        });
    Await.on(said, plan.options().opening().dividedBy(2).toNanos(), topics.machine);
  }

  /** The turn is over: lets the opening step go on, if it need not wait. */
  void settle() {
    if (step != null && !(socket.isOpen() && socket.isBehind())) {
      step.complete(true);
      step = null;
    }
  }

  // ---- what arrives

  @Override
  public void receive(Message message) {
    put(new Message[] {message}, 1);
  }

  @Override
  public void put(Message[] batch, int count) {
    topics.turn(
        () -> {
          long now = topics.now();
          for (int i = 0; i < count; i++) {
            take(batch[i], now);
          }
        });
  }

  private void take(Message message, long now) {
    Subscriptions<TopicReader, SocketSession> subscriptions = topics.subscriptions();
    if (message instanceof WebSocketFrame framed) {
      frame(framed, now);
      return;
    }
    control(message);
    if (message instanceof Open opened) {
      broken = false;
      open = opened;
      subscriptions.opened(socket, now);
    } else if (message instanceof Waiting waiting) {
      subscriptions.lost(
          socket, waiting.attempt(), waiting.delay(), waiting.reason(), waiting.open(), now);
    } else if (message instanceof Gone gone) {
      subscriptions.ended(socket, gone.reason(), now);
      topics.gone(socket);
    }
  }

  private void control(Message message) {
    Inbox control = topics.control(message);
    if (control != null && control.full()) {
      block(control);
    }
  }

  private void frame(WebSocketFrame message, long now) {
    if (broken) {
      return; // the rest of a session that ends
    }
    Subscriptions<TopicReader, SocketSession> subscriptions = topics.subscriptions();
    Meaning meaning;
    try {
      meaning = topics.read(message);
    } catch (Throwable e) { // whatever a user's code throws
      broken = true; // nobody knows whose the frame was: it is a gap of all
      live.endSession(new Reason.HandlerThrew(e));
      return;
    }
    switch (meaning) {
      case Control none -> control(message);
      case Of(var key) -> {
        Collection<TopicReader> readers = subscriptions.heard(socket, key, now);
        if (readers.isEmpty()) {
          topics.unread();
        }
        for (TopicReader reader : readers) {
          reader.tell(this, message.frame());
        }
      }
      case Subscribed(var its) -> {
        control(message);
        its.forEach(each -> subscriptions.acknowledged(socket, each, now));
      }
      case Refused(var its, var why) -> {
        control(message);
        for (String topic : its) {
          subscriptions.refused(socket, topic, new Reason.TopicRefused(topic, why), now);
        }
      }
    }
  }

  // ---- readers that are full

  /** The inbox of one of its readers, or that of control messages, is full and blocks. */
  void block(Inbox inbox) {
    full.add(inbox);
  }

  /** This inbox has no reader of this socket any more, or has room. */
  void unblock(Inbox inbox) {
    if (full.remove(inbox)) {
      if (watched == inbox) {
        watched = null;
      }
      watch();
    }
  }

  @Override
  public boolean full() {
    full.removeIf(inbox -> !inbox.full());
    return !full.isEmpty();
  }

  @Override
  public void whenRoom(Runnable action) {
    whenRoom.add(action);
    watch();
  }

  private void watch() {
    if (whenRoom.isEmpty()) {
      return;
    }
    if (!full()) {
      List<Runnable> actions = List.copyOf(whenRoom);
      whenRoom.clear();
      watched = null;
      topics.subscriptions().readAgain(socket, topics.now());
      actions.forEach(Runnable::run);
    } else if (watched == null || !full.contains(watched)) {
      Inbox first = full.iterator().next();
      watched = first;
      first.whenRoom(
          () ->
              topics.post(
                  () -> {
                    if (watched == first) {
                      watched = null;
                      watch();
                    }
                  }));
    }
  }
}
