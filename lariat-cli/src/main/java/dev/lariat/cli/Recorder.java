package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Connecting;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Side;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Puts on a tape what passes on a live connection, and what becomes of it. */
final class Recorder implements Listener, Receiver {
  private final Tape tape;
  private final OptionalLong limit;
  private final CompletableFuture<Reason> gone = new CompletableFuture<>();
  private final CompletableFuture<LiveWebSocket> live = new CompletableFuture<>();
  private volatile Runnable ending = () -> {};
  private volatile List<Frame> opening = List.of();
  private volatile List<Frame> sentByStep = List.of();
  private boolean ready; // a session is open, and has its opening messages; under the lock
  private long messages; // of the event loop

  /**
   * Nothing is recorded yet.
   *
   * @param limit how many messages from the server to record; then the live connection ends
   */
  Recorder(Tape tape, OptionalLong limit) {
    this.tape = tape;
    this.limit = limit;
  }

  /** Sets what ends the live connection; before that one is opened. */
  void ending(Runnable end) {
    ending = end;
  }

  /** Waits until the live connection is gone, and gives the reason. */
  Reason awaitGone() throws InterruptedException {
    try {
      return gone.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      tape.check();
    }
  }

  // ---- what the owner is told, on the event loop

  /** Records one message; must not be called again after the last. */
  @Override
  public void receive(Message message) {
    record(message);
    if (message instanceof Gone(_, var reason)) {
      gone.complete(reason);
      ready(false); // which wakes who waits
    }
  }

  /** Puts this on the tape; a tape that takes no more ends the recording, whoever notices. */
  private void add(Function<Duration, Entry> happens) {
    try {
      tape.add(happens);
    } catch (OutputException e) {
      ending.run(); // the tape throws it again at the end
    }
  }

  private void record(Message message) {
    switch (message) {
      case Connecting(_, var attempt, _) -> add(at -> new Entry.Connecting(at, attempt));
      case Open(_, var session, var subprotocol, var headers) -> {
        Optional<String> extensions = headers.first("sec-websocket-extensions");
        add(at -> new Entry.Open(at, session, subprotocol, extensions));
        sentByStep.forEach(frame -> add(at -> new Entry.Sent(at, frame)));
        opened();
      }
      case WebSocketFrame(_, var frame) when Messages.isMessage(frame) ->
          counted(at -> new Entry.Received(at, frame));
      case WebSocketFrame(_, var frame) -> add(at -> new Entry.Received(at, frame));
      case ServerSentEvent(_, var id, var type, var data, _) ->
          counted(at -> new Entry.Event(at, id, type, data));
      case Notice(_, Notice.PingAcknowledged(_, var took)) ->
          add(at -> new Entry.RoundTrip(at, took));
      case Waiting(_, var attempt, var delay, var reason, _) -> {
        ready(false);
        closed(reason);
        add(at -> new Entry.Waiting(at, attempt, delay, words(reason)));
      }
      case Gone(_, var reason) -> {
        closed(reason);
        add(at -> new Entry.Gone(at, words(reason)));
      }
      case Message _ -> {} // nothing that a session is made of
    }
  }

  /** A message from the server. Those that come after the last wanted one are left out. */
  private void counted(Function<Duration, Entry> message) {
    if (limit.isPresent() && messages == limit.getAsLong()) {
      return;
    }
    messages++;
    add(message);
    if (limit.isPresent() && messages == limit.getAsLong()) {
      ending.run();
    }
  }

  /** A live WebSocket has the frames of its closing handshake in the reason of its end. */
  private void closed(Reason reason) {
    switch (reason) {
      case Reason.GaveUp(_, var last) -> closed(last);
      case Reason.CloseHandshake(var received, var sent, var initiator) -> {
        if (initiator == Side.CLIENT) {
          add(at -> new Entry.Sent(at, sent));
          add(at -> new Entry.Received(at, received));
        } else {
          add(at -> new Entry.Received(at, received));
          add(at -> new Entry.Sent(at, sent));
        }
      }
      case Reason _ -> {} // it was not closed in good order
    }
  }

  private static String words(Reason reason) {
    return reason instanceof Reason.OwnerClosed
        ? "The recorder ended the session."
        : Words.of(reason);
  }

  // ---- what is sent

  /** Sends these in each new session, before anything else. To be called before it is opened. */
  void opening(List<Frame> frames) {
    opening = frames;
  }

  /** What the opening step of each session sends. To be called before it is opened. */
  void sentByStep(List<Frame> frames) {
    sentByStep = frames;
  }

  /** Sets what is recorded, once it is there. */
  void live(LiveWebSocket socket) {
    live.complete(socket);
  }

  /**
   * A session is open. This is not an opening step of the live WebSocket: what a server says before
   * it ends a session during such a step is not delivered, and just that is worth recording.
   */
  private void opened() {
    if (opening.isEmpty()) {
      ready(true);
      return;
    }
    Thread.ofVirtual()
        .name("lariat-on-open")
        .start(
            () -> {
              if (opening.stream().allMatch(this::isDelivered)) {
                ready(true);
              }
            });
  }

  private synchronized void ready(boolean now) {
    ready = now;
    notifyAll();
  }

  private synchronized boolean awaitReady() {
    try {
      while (!ready && !gone.isDone()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !gone.isDone();
  }

  /**
   * Waits for a session that has sent its opening messages, sends this one, and records its fate.
   *
   * @return false if the live connection is gone
   */
  boolean send(Frame frame) {
    return awaitReady() && isDelivered(frame);
  }

  /**
   * Sends a message and records its fate. It must not block: either nothing else waits to be sent,
   * or the outbox fails when it is full.
   */
  Delivery deliver(Frame frame) {
    LiveWebSocket socket = live.join();
    // The tape is held until the action is in place, so that no answer is recorded before it.
    synchronized (tape) {
      Delivery delivery = socket.deliver(frame);
      delivery.settled().thenAccept(done -> settled(frame, done.state()));
      return delivery;
    }
  }

  /** Whether the live connection took it; waits until it is known what became of it. */
  private boolean isDelivered(Frame frame) {
    try {
      deliver(frame).settled().join();
      return true;
    } catch (FailedException e) {
      return false; // which is recorded
    }
  }

  private void settled(Frame frame, Delivery.State state) {
    add(
        at ->
            switch (state) {
              case WRITTEN, ACKNOWLEDGED -> new Entry.Sent(at, frame);
              case DROPPED -> new Entry.Undelivered(at, "dropped", frame);
              case UNKNOWN, QUEUED -> new Entry.Undelivered(at, "unknown", frame);
            });
  }

  // ---- the steps of each attempt, on the event loop

  @Override
  public void event(Event event) {
    switch (event) {
      case Event.LookupEnd(_, var host, var addresses, var failure, var took) ->
          step("lookup", took, Optional.of(host + " " + addresses.size()), failure);
      case Event.ConnectEnd(_, var remote, _, var established, var failure, var took) -> {
        if (established || failure.isPresent()) {
          step("connect", took, Optional.of(remote.toString()), failure);
        }
      }
      case Event.ProxyEnd(_, _, var proxy, _, var failure, var took) ->
          step("proxy", took, Optional.of(proxy), failure);
      case Event.TlsEnd(_, var session, var failure, var took) ->
          step("tls", took, session.map(its -> its.protocol() + " " + its.cipher()), failure);
      case Event.ProtocolChanged(_, var protocol, _, var took) ->
          step(
              "upgrade",
              took,
              Optional.of(protocol.toString().toLowerCase(Locale.ROOT)),
              Optional.empty());
      default -> {} // frames, which the messages have
    }
  }

  private void step(String name, Duration took, Optional<String> detail, Optional<Reason> failure) {
    add(at -> new Entry.Step(at, name, took, detail.map(Line::plain), failure.map(Words::of)));
  }
}
