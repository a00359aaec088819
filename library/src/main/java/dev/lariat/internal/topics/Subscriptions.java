package dev.lariat.internal.topics;

import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which topic is subscribed where, and what its readers are told. It has no socket, no
 * thread and no clock: it is called with what happens and with the time, and calls its {@link
 * Stage}.
 *
 * <p>A <b>topic</b> exists while it has a reader, and until {@code linger} has passed after that.
 * All that time one socket <em>wants</em> it. To its readers it is in one of these states:
 *
 * <ul>
 *   <li>NEW: they were told nothing yet;
 *   <li>OPEN: they were told that it is subscribed;
 *   <li>GAP: they were told why it is not, once.
 * </ul>
 *
 * <p>A <b>socket</b> has one session that carries traffic, or none, and one that is being opened,
 * or none. A rotation has both. Each session has its own truth: what was <em>said</em> on it. What
 * the socket wants and was not said is subscribed; what was said and is not wanted is unsubscribed.
 * So a session that heals, one that takes over, and one whose topics change are the same case.
 *
 * <p>Unsubscriptions go first, and a session is never given more than {@code perSocket} topics, so
 * the server does not see more either. All sessions take turns at the pace of the options.
 *
 * @param <R> a reader
 * @param <S> a session
 */
public final class Subscriptions<R, S> {
  static final long NEVER = Long.MAX_VALUE;

  private final TopicOptions options;
  private final Stage<R, S> stage;
  private final long acknowledgement; // nanoseconds; NEVER if nothing is acknowledged
  private final Map<String, Topic<R, S>> topics = new HashMap<>();
  private final Map<R, Topic<R, S>> readers = new HashMap<>();
  private final Set<Socket<R, S>> sockets = new LinkedHashSet<>();
  private final Map<String, Topic<R, S>> lingering = new LinkedHashMap<>(); // the longest first
  private final Deque<Said<R, S>> awaited = new ArrayDeque<>(); // by deadline, the earliest first
  private final Set<Session<R, S>> line = new LinkedHashSet<>(); // have something to send
  private boolean granted; // whether one was taken from the budget and not used
  private long grantedAt; // when that may be used

  /** Without a topic. */
  public Subscriptions(TopicOptions options, Stage<R, S> stage) {
    this.options = options;
    this.stage = stage;
    this.acknowledgement = options.acknowledgement().map(Duration::toNanos).orElse(NEVER);
  }

  // ---- readers

  /** A reader begins to read a topic. */
  public void open(R reader, String name, long now) {
    Topic<R, S> topic = topics.get(name);
    if (topic == null) {
      Socket<R, S> socket = place();
      if (socket == null) {
        long most = (long) options.sockets() * options.perSocket();
        stage.ended(reader, new Reason.Limit(Bound.TOPICS, most));
        return;
      }
      topic = add(name, socket);
    }
    lingering.remove(name);
    topic.lingersUntil = NEVER;
    topic.readers.add(reader);
    readers.put(reader, topic);
    Socket<R, S> socket = topic.socket;
    switch (topic.state) {
      case NEW -> {}
      case OPEN -> stage.open(reader, socket);
      case GAP -> stage.gap(reader, socket.attempt, socket.delay, why(socket, now));
    }
    send(now);
  }

  /** A reader reads no more; does nothing if it has ended. */
  public void close(R reader, long now) {
    Topic<R, S> topic = readers.remove(reader);
    if (topic == null) {
      return;
    }
    topic.readers.remove(reader);
    stage.ended(reader, new Reason.OwnerClosed());
    if (topic.readers.isEmpty()) {
      topic.lingersUntil = now + options.linger().toNanos();
      lingering.put(topic.name, topic);
      elapsed(now);
    }
  }

  /**
   * Where a new topic goes: to the socket with the most topics that has room, so that there are
   * few; null if there is no room at all.
   */
  private @Nullable Socket<R, S> place() {
    Socket<R, S> fullest = null;
    for (Socket<R, S> each : sockets) {
      boolean fits = each.topics() < options.perSocket();
      if (fits && (fullest == null || each.topics() > fullest.topics())) {
        fullest = each;
      }
    }
    if (fullest != null) {
      return fullest;
    }
    if (sockets.size() < options.sockets()) {
      Socket<R, S> made = new Socket<>();
      sockets.add(made);
      stage.connect(made);
      return made;
    }
    if (lingering.isEmpty()) {
      return null;
    }
    Topic<R, S> longest = lingering.values().iterator().next();
    remove(longest); // its socket gets the new topic in its place
    return longest.socket;
  }

  private Topic<R, S> add(String name, Socket<R, S> socket) {
    Topic<R, S> topic = new Topic<>(name, socket);
    topics.put(name, topic);
    socket.wanted.put(name, topic);
    if (socket.current == null && socket.why != null) {
      topic.state = Topic.State.GAP;
    }
    for (Session<R, S> session : socket.sessions()) {
      Said<R, S> said = session.said.get(name);
      if (said == null) {
        session.toSay.add(name);
        line.add(session);
        continue;
      }
      said.topic = topic; // it was to be unsubscribed, and that was not sent
      session.toUnsay.remove(name);
      said.told = session == socket.current && said.acknowledged;
      if (said.told) {
        topic.state = Topic.State.OPEN;
      }
    }
    return topic;
  }

  /** Nobody wants this topic any more. */
  private void remove(Topic<R, S> topic) {
    topics.remove(topic.name);
    lingering.remove(topic.name);
    topic.socket.wanted.remove(topic.name);
    for (Session<R, S> session : topic.socket.sessions()) {
      session.toSay.remove(topic.name);
      Said<R, S> said = session.said.get(topic.name);
      if (said != null) {
        said.topic = null;
        if (said.acknowledged) { // otherwise its channel is not known yet
          session.toUnsay.add(topic.name);
          line.add(session);
        }
      }
    }
  }

  /** Ends a socket without a topic. */
  private void release(Socket<R, S> socket) {
    if (socket.wanted.isEmpty() && !socket.over) {
      forget(socket);
      stage.disconnect(socket);
    }
  }

  private void forget(Socket<R, S> socket) {
    socket.over = true;
    sockets.remove(socket);
    socket.sessions().forEach(this::end);
    socket.current = null;
    socket.next = null;
  }

  private void end(Session<R, S> session) {
    session.dead = true;
    line.remove(session);
  }

  /** Ends the readers of a topic. */
  private void end(Topic<R, S> topic, Reason reason) {
    for (R reader : topic.readers) {
      readers.remove(reader);
      stage.ended(reader, reason);
    }
    topic.readers.clear();
  }

  /** Ends all readers. */
  public void end(Reason reason) {
    for (Topic<R, S> topic : topics.values()) {
      end(topic, reason);
    }
    List.copyOf(sockets).forEach(this::forget);
    topics.clear();
    lingering.clear();
    awaited.clear();
  }

  // ---- sockets

  /** A session of this socket is in its opening step: subscribes what the socket wants. */
  public void opening(Socket<R, S> socket, S handle, long now) {
    if (socket.over) {
      return;
    }
    if (socket.next != null) {
      end(socket.next);
    }
    Session<R, S> session = new Session<>(handle, socket, now);
    session.toSay.addAll(socket.wanted.keySet());
    socket.next = session;
    line.add(session);
    send(now);
  }

  /** The session that was being opened carries traffic. */
  public void opened(Socket<R, S> socket, long now) {
    Session<R, S> session = socket.next;
    if (socket.over || session == null) {
      return;
    }
    if (socket.current != null) {
      end(socket.current);
    }
    socket.current = session;
    socket.next = null;
    for (Topic<R, S> topic : socket.wanted.values()) {
      Said<R, S> said = session.said.get(topic.name);
      if (said == null
          && topic.state == Topic.State.OPEN) { // a rotation that was faster than the pace
        told(socket, 1, Duration.ZERO, ongoing(session, now));
        gap(topic, now);
      } else if (said != null && said.acknowledged) {
        tellOpen(said);
      }
    }
    session.said.values().stream().filter(Said::isAwaited).forEach(said -> await(said, now));
    line.add(session);
    send(now);
  }

  private static Reason ongoing(Session<?, ?> session, long now) {
    return new Reason.Ongoing(Step.SUBSCRIBE, Duration.ofNanos(now - session.since));
  }

  /**
   * The session is lost, or the attempt to open one has failed.
   *
   * @param open whether a session still carries traffic
   */
  public void lost(
      Socket<R, S> socket, int attempt, Duration delay, Reason reason, boolean open, long now) {
    if (socket.over) {
      return;
    }
    if (!open && socket.current != null) {
      end(socket.current); // the attempt that was to replace it goes on
      socket.current = null;
    } else if (socket.next != null) {
      end(socket.next);
      socket.next = null;
    }
    if (!open) {
      told(socket, attempt, delay, reason);
      socket.wanted.values().forEach(topic -> gap(topic, now));
    }
    send(now);
  }

  private void told(Socket<R, S> socket, int attempt, Duration delay, Reason reason) {
    socket.attempt = attempt;
    socket.delay = delay;
    socket.why = reason;
  }

  private void gap(Topic<R, S> topic, long now) {
    if (topic.state != Topic.State.GAP) {
      topic.state = Topic.State.GAP;
      Socket<R, S> socket = topic.socket;
      topic.readers.forEach(
          reader -> stage.gap(reader, socket.attempt, socket.delay, why(socket, now)));
    }
  }

  private static Reason why(Socket<?, ?> socket, long now) {
    Session<?, ?> session = socket.current;
    Reason why = socket.why;
    return session != null ? ongoing(session, now) : why == null ? new Reason.Closed() : why;
  }

  /** The socket has ended for good, and with it the readers of its topics. */
  public void ended(Socket<R, S> socket, Reason reason, long now) {
    if (socket.over) {
      return;
    }
    forget(socket);
    for (Topic<R, S> topic : socket.wanted.values()) {
      topics.remove(topic.name);
      lingering.remove(topic.name);
      end(topic, reason);
    }
    socket.wanted.clear();
    send(now);
  }

  // ---- what arrives in the session that carries traffic

  /**
   * A message with this topic or channel has arrived.
   *
   * @return the readers that get it; none if nobody reads the topic
   */
  public Collection<R> heard(Socket<R, S> socket, Object key, long now) {
    Session<R, S> session = socket.current;
    if (session == null) {
      return List.of();
    }
    Said<R, S> said = session.channels.get(key);
    if (said == null) {
      said = session.said.get(key);
    }
    Topic<R, S> topic = said == null ? null : said.topic;
    if (said == null || topic == null) {
      return List.of();
    }
    if (!said.told) {
      acknowledged(said, now);
    }
    return topic.readers;
  }

  /** The server acknowledges a subscription. */
  public void acknowledged(Socket<R, S> socket, Subscription subscription, long now) {
    Session<R, S> session = socket.current;
    Said<R, S> said = session == null ? null : session.said.get(subscription.topic());
    if (session == null || said == null) {
      return;
    }
    if (subscription.channel().isPresent()) {
      if (said.channel != null) {
        session.channels.remove(said.channel, said);
      }
      said.channel = subscription.channel().get();
      session.channels.put(said.channel, said);
    }
    acknowledged(said, now);
  }

  private void acknowledged(Said<R, S> said, long now) {
    said.acknowledged = true;
    if (said.topic != null) {
      tellOpen(said);
    } else if (said.session.toUnsay.add(said.name)) {
      line.add(said.session);
      send(now);
    }
  }

  private void tellOpen(Said<R, S> said) {
    Topic<R, S> topic = said.topic;
    if (topic != null && !said.told) {
      said.told = true;
      topic.state = Topic.State.OPEN;
      topic.readers.forEach(reader -> stage.open(reader, topic.socket));
    }
  }

  /** The server refuses a subscription, or has ended it. */
  public void refused(Socket<R, S> socket, String name, Reason reason, long now) {
    if (socket.current != null) {
      unsaid(socket.current, name);
    }
    Topic<R, S> topic = socket.wanted.get(name);
    if (topic != null) {
      refuse(topic, reason);
    }
    send(now);
  }

  private void refuse(Topic<R, S> topic, Reason reason) {
    remove(topic);
    end(topic, reason);
    release(topic.socket);
  }

  private void unsaid(Session<R, S> session, String name) {
    Said<R, S> said = session.said.remove(name);
    session.toUnsay.remove(name);
    if (said != null) {
      said.gone = true;
      if (said.channel != null) {
        session.channels.remove(said.channel, said);
      }
      line.add(session); // there may be room for another topic
    }
  }

  // ---- what is sent

  /** There is room to send again in this session. */
  public void room(Socket<R, S> socket, S handle, long now) {
    for (Session<R, S> session : socket.sessions()) {
      if (session.handle == handle) {
        session.full = false;
        line.add(session);
      }
    }
    send(now);
  }

  /** Sends what there is to send, in turns, as the pace and the room allow. */
  private void send(long now) {
    while (!line.isEmpty()) {
      Session<R, S> session = line.iterator().next();
      boolean unsays = !session.toUnsay.isEmpty();
      boolean says = !session.toSay.isEmpty() && session.said.size() < options.perSocket();
      if (session.dead || session.full || !unsays && !says) {
        line.remove(session);
        continue;
      }
      if (!granted) {
        granted = true;
        grantedAt = now + stage.pace(now);
      }
      if (grantedAt > now) {
        return;
      }
      line.remove(session);
      switch (unsays ? unsay(session) : say(session, now)) {
        case YES -> {
          granted = false;
          line.add(session); // after the others
        }
        case LATER -> session.full = true;
        case ENDED -> session.dead = true;
      }
    }
  }

  private Stage.Sent say(Session<R, S> session, long now) {
    int most = Math.min(options.batch(), options.perSocket() - session.said.size());
    List<String> batch = session.toSay.stream().limit(most).toList();
    Stage.Sent sent;
    try {
      sent = stage.subscribe(session.socket, session.handle, batch);
    } catch (Throwable e) { // whatever a user's rule throws
      refuse(session, batch, new Reason.HandlerThrew(e));
      return Stage.Sent.YES;
    }
    if (sent == Stage.Sent.YES) {
      for (String name : batch) {
        session.toSay.remove(name);
        Topic<R, S> topic = session.socket.wanted.get(name);
        if (topic != null) {
          said(new Said<>(name, session, topic), now);
        }
      }
    }
    return sent;
  }

  private void refuse(Session<R, S> session, List<String> names, Reason reason) {
    for (String name : names) {
      session.toSay.remove(name);
      Topic<R, S> topic = session.socket.wanted.get(name);
      if (topic != null) {
        refuse(topic, reason);
      }
    }
  }

  private void said(Said<R, S> said, long now) {
    Session<R, S> session = said.session;
    session.said.put(said.name, said);
    said.acknowledged = acknowledgement == NEVER;
    if (session == session.socket.current) {
      if (said.acknowledged) {
        tellOpen(said);
      } else {
        await(said, now);
      }
    }
  }

  private Stage.Sent unsay(Session<R, S> session) {
    List<Said<R, S>> batch = new ArrayList<>();
    for (String name : session.toUnsay) {
      Said<R, S> said = session.said.get(name);
      if (said != null && batch.size() < options.batch()) {
        batch.add(said);
      }
    }
    Stage.Sent sent =
        stage.unsubscribe(
            session.socket, session.handle, batch.stream().map(Said::subscription).toList());
    if (sent == Stage.Sent.YES) {
      batch.forEach(said -> unsaid(session, said.name));
    }
    return sent;
  }

  // ---- time

  private void await(Said<R, S> said, long now) {
    said.deadline = now + acknowledgement;
    awaited.add(said);
  }

  /** The socket was not read for a while: what is awaited from it has its full time again. */
  public void readAgain(Socket<R, S> socket, long now) {
    List<Said<R, S>> its = new ArrayList<>();
    for (Iterator<Said<R, S>> each = awaited.iterator(); each.hasNext(); ) {
      Said<R, S> said = each.next();
      if (said.session.socket == socket) {
        each.remove();
        its.add(said);
      }
    }
    its.stream().filter(Said::isAwaited).forEach(said -> await(said, now));
  }

  /** When {@link #elapsed} is to be called; {@link Long#MAX_VALUE} for never. */
  public long deadline() {
    while (!awaited.isEmpty() && !awaited.peek().isAwaited()) {
      awaited.remove();
    }
    long first = lingering.isEmpty() ? NEVER : lingering.values().iterator().next().lingersUntil;
    Said<R, S> said = awaited.peek();
    first = Math.min(first, said == null ? NEVER : said.deadline);
    return line.isEmpty() ? first : Math.min(first, grantedAt);
  }

  /** Time has passed. */
  public void elapsed(long now) {
    while (!lingering.isEmpty()) {
      Topic<R, S> longest = lingering.values().iterator().next();
      if (longest.lingersUntil > now) {
        break;
      }
      remove(longest);
      release(longest.socket);
    }
    for (Said<R, S> said = awaited.peek();
        said != null && (!said.isAwaited() || said.deadline <= now);
        said = awaited.peek()) {
      awaited.remove();
      if (said.isAwaited()) {
        unanswered(said);
      }
    }
    send(now);
  }

  /** The server did not acknowledge it in time; it may have subscribed it all the same. */
  private void unanswered(Said<R, S> said) {
    said.acknowledged = true;
    Topic<R, S> topic = said.topic;
    if (topic == null) {
      said.session.toUnsay.add(said.name);
      line.add(said.session);
    } else {
      refuse(topic, new Reason.Timeout(Step.SUBSCRIBE, Duration.ofNanos(acknowledgement)));
    }
  }

  // ---- how it stands

  /** The sockets. */
  public Collection<Socket<R, S>> sockets() {
    return sockets;
  }

  /** How many topics there are, those that linger included. */
  public int topics() {
    return topics.size();
  }

  /** How many topics have no reader. */
  public int lingering() {
    return lingering.size();
  }

  /** How many readers there are. */
  public int readers() {
    return readers.size();
  }
}
