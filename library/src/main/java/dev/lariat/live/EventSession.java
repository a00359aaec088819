package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.internal.codec.EventDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Loop;
import dev.lariat.live.EventSession.Arrived;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One session of a live stream of events, with one request on its connection; never in OPENING. */
final class EventSession extends LiveSession<EventSession, Arrived> {
  private static final int HOLDS = 1024; // events, before the server is held back

  /** An event, or only an id: the position after it, and whether the server named that position. */
  record Arrived(String position, boolean ownId, @Nullable ServerSentEvent event) {}

  private final LiveEventStream live;
  private final EventDecoder decoder;
  private @Nullable Stream stream; // null before it is asked for
  private boolean crosses; // whether its connection is on another loop
  private String position; // after the events that were told
  private Loop.@Nullable Timer waiting; // with a server that is connected and has not answered
  private long unreadUntil; // by the connection, for want of room here

  EventSession(LiveEventStream live, Approach approach, Limits limits) {
    super(live, approach);
    this.live = live;
    this.position = live.lastId();
    this.decoder = new EventDecoder(limits.event(), limits.eventId(), position);
  }

  @Override
  void ask(Connection connection, Approach approach, Inbox inbox) {
    crosses = inbox != this;
    stream =
        Core.get()
            .request(
                connection,
                approach.request().content(Content.DECOMPRESSED.handler(this::reader)),
                live.ref,
                inbox,
                approach.authorization());
  }

  /** Makes events of the body here, since Lariat's own would forget an id without an event. */
  private Optional<ContentHandler> reader(ContentHandler.Session body) {
    return live.refusal(body.status(), body.headers()) == null
        ? Optional.of(crosses ? body::tell : bytes -> read(bytes, body::tell))
        : Optional.empty();
  }

  /** Tells the events in these bytes, on the live connection's loop. */
  private void read(Bytes bytes, Consumer<Object> body) {
    if (phase() == Phase.CARRYING) {
      live.heardBytes();
    }
    decoder.at(live.now(), unreadUntil);
    try {
      decoder.decode(
          bytes.asByteBuffer(),
          (id, type, data, retry) -> {
            position = id;
            body.accept(
                new Arrived(
                    id, decoder.hasOwnId(), new ServerSentEvent(live.ref, id, type, data, retry)));
          });
    } catch (Violation v) {
      body.accept(v); // after the events before it
    }
    if (!decoder.position().equals(position)) { // an id without an event, after the last event
      position = decoder.position();
      body.accept(new Arrived(position, true, null));
    }
    if (phase() == Phase.CARRYING) {
      decoder.patience().ifPresent(live.life::patience);
    }
  }

  private void arrived(Arrived event) {
    switch (phase()) {
      case CARRYING -> live.carried(event);
      case HELD -> hold(event);
      case CONNECTING, OPENING, ENDED -> {}
    }
  }

  @Override
  EventSession self() {
    return this;
  }

  @Override
  Stream stream() {
    return Objects.requireNonNull(stream);
  }

  // ---- what the life decides, on the loop

  @Override
  void handOver(List<Arrived> first) {
    decoder.patience().ifPresent(live.life::patience);
    first.forEach(live::carried);
  }

  @Override
  void ceased() {
    stopWaiting();
  }

  // ---- what arrives, on the loop

  @Override
  public void put(Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      arrived(batch[i]);
      if (batch[i] instanceof Message.OfStream part && part.ends()) {
        streamEnded();
      }
    }
  }

  private void arrived(Message message) {
    if (hasEnded() || isOfRefusal(message)) {
      return;
    }
    if (message instanceof ContentMessage(var stream, var value)) {
      content(value);
    } else if (message instanceof Response answer) {
      answered(answer);
    } else if (message instanceof StreamFailed(var stream, Reason.Incomplete(var last))) {
      fail(last); // as every stream of events is
    } else if (message instanceof StreamFailed(var stream, var reason)) {
      if (beginsAnew(reason)) {
        return;
      }
      if (reason instanceof Reason.Unprocessed its) {
        notProcessed(its);
      } else {
        fail(reason);
      }
    } else if (message instanceof Data data && data.fin() || message instanceof Trailers) {
      fail(new Reason.Ended());
    }
  }

  private void content(Object value) {
    switch (value) {
      case Arrived event -> arrived(event);
      case Violation violation -> fail(violation.reason());
      case Bytes bytes -> read(bytes, this::content); // from another loop
      default -> throw new IllegalStateException("the reader tells nothing else");
    }
  }

  private void answered(Response answer) {
    stopWaiting();
    Reason refused = live.refusal(answer.status(), answer.headers());
    if (refused instanceof Reason.Status) {
      refused(answer);
    } else if (refused != null) {
      fail(refused);
    } else if (answer.fin()) {
      fail(new Reason.Ended());
    } else {
      accepted(new Acceptance(answer.headers(), Optional.empty()), Phase.HELD);
    }
  }

  private void stopWaiting() {
    if (waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }

  @Override
  void asks() {
    Duration limit = live.answer();
    Reason late = new Reason.Timeout(Reason.Step.ANSWER, limit);
    waiting = live.loop.schedule(() -> fail(late), limit.toNanos());
  }

  @Override
  boolean holdsMuch() {
    return held() >= HOLDS;
  }

  /** Comments that gathered while nothing was read are no flood. */
  private void readOn(Runnable action) {
    live.loop.execute(() -> unreadUntil = live.now());
    action.run();
  }

  @Override
  public void whenRoom(Runnable action) {
    boolean waits = phase() == Phase.HELD || phase() == Phase.CARRYING;
    super.whenRoom(waits ? () -> readOn(action) : action);
  }
}
