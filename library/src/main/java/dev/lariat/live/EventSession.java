package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.EventDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One session of a live stream of events: a connection of its own, with one request on it, both on
 * the live one's loop. What arrives goes, by its phase: nowhere while it is CONNECTING, into a list
 * while it is HELD for the session before to end, to the owner while it is CARRYING.
 */
final class EventSession implements Inbox {
  private static final int HOLDS = 1024; // events, before the server is held back

  private enum Phase {
    CONNECTING,
    HELD,
    CARRYING,
    ENDED
  }

  /**
   * An event that came, or only an id: the position behind it, and whether it named that itself.
   */
  record Arrived(String position, boolean ownId, @Nullable ServerSentEvent event) {}

  private final LiveEventStream live;
  private final Approach approach;
  private final Connection connection;
  private final EventDecoder decoder;
  private String position; // behind what was told of the body
  private Phase phase = Phase.CONNECTING;
  private @Nullable Response response;
  private @Nullable Refusal refusal; // in place of the stream
  private Loop.@Nullable Timer waiting; // with a server that is connected and has not answered
  private final List<Arrived> held = new ArrayList<>(0);
  private @Nullable Runnable whenRoom; // among those held
  private long unreadUntil; // by the connection, for want of room here

  /** Begins to connect. */
  @SuppressWarnings("ThisEscape") // nothing is told before the loop's next task
  EventSession(LiveEventStream live, Approach approach, Limits limits) {
    this.live = live;
    this.approach = approach;
    this.position = live.lastId();
    this.decoder = new EventDecoder(limits.event(), limits.eventId(), position);
    this.connection = approach.open(this::told);
    Core.get()
        .request(
            connection,
            approach.request().content(Content.DECOMPRESSED.handler(this::reader)),
            live.ref,
            this,
            approach.authorization());
  }

  /** Makes events of the body here, since Lariat's own would forget an id without an event. */
  private Optional<ContentHandler> reader(ContentHandler.Session body) {
    return live.refusal(body.status(), body.headers()) == null
        ? Optional.of(bytes -> read(bytes, body))
        : Optional.empty();
  }

  private void read(Bytes bytes, ContentHandler.Session body) {
    if (phase == Phase.CARRYING) {
      live.heardBytes();
    }
    decoder.at(live.now(), unreadUntil);
    try {
      decoder.decode(
          bytes.asByteBuffer(),
          (id, type, data, retry) -> {
            position = id;
            body.tell(
                new Arrived(
                    id, decoder.hasOwnId(), new ServerSentEvent(live.ref, id, type, data, retry)));
          });
    } catch (Violation v) {
      body.tell(v); // behind the events before it
    }
    if (!decoder.position().equals(position)) { // behind the last event
      position = decoder.position();
      body.tell(new Arrived(position, true, null));
    }
    if (phase == Phase.CARRYING) {
      decoder.patience().ifPresent(live.life::patience);
    }
  }

  private void arrived(Arrived event) {
    switch (phase) {
      case CARRYING -> live.carried(event);
      case HELD -> held.add(event);
      case CONNECTING, ENDED -> {}
    }
  }

  Headers headers() {
    return Objects.requireNonNull(response).headers();
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  Connection connection() {
    return connection;
  }

  // ---- what the life decides, on the loop

  /** Lets everything through, beginning with what is held; this may have ended meanwhile. */
  void carry() {
    if (phase != Phase.ENDED) {
      phase = Phase.CARRYING;
    }
    decoder.patience().ifPresent(live.life::patience);
    held.forEach(live::carried);
    held.clear();
    Runnable action = whenRoom;
    if (action != null) {
      whenRoom = null;
      action.run();
    }
  }

  /** Ends it at once. */
  void end() {
    phase = Phase.ENDED;
    stopWaiting();
    if (refusal != null) {
      refusal.forget();
    }
    connection.close();
  }

  // ---- what arrives, on the loop

  @Override
  public void put(Message[] batch, int count) {
    for (int i = 0; i < count; i++) {
      arrived(batch[i]);
    }
  }

  private void arrived(Message message) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (refusal != null) {
      refusal.received(message);
    } else if (message instanceof ContentMessage(var stream, Arrived event)) {
      arrived(event);
    } else if (message instanceof ContentMessage(var stream, Violation violation)) {
      fail(violation.reason());
    } else if (message instanceof Response answer) {
      answered(answer);
    } else if (message instanceof StreamFailed(var stream, Reason.Incomplete(var last))) {
      fail(last); // as every stream of events is
    } else if (message instanceof StreamFailed(var stream, var reason)) {
      if (!(reason instanceof Reason.Unprocessed)) { // or the connection's end tells why
        fail(reason);
      }
    } else if (message instanceof Data data && data.fin() || message instanceof Trailers) {
      fail(new Reason.Ended());
    }
  }

  private void answered(Response answer) {
    stopWaiting();
    Reason refused = live.refusal(answer.status(), answer.headers());
    if (refused instanceof Reason.Status) {
      live.turn(() -> refused(answer));
    } else if (refused != null) {
      fail(refused);
    } else if (answer.fin()) {
      fail(new Reason.Ended());
    } else {
      response = answer;
      phase = Phase.HELD;
      live.turn(() -> live.life.connected(this, live.now()));
    }
  }

  private void refused(Response answer) {
    try {
      if (!live.goesOn(this, approach, answer)) {
        refusal = new Refusal(live, answer, this::fail);
      }
    } catch (FailedException e) {
      fail(e.reason());
    }
  }

  private void stopWaiting() {
    if (waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }

  private void fail(Reason reason) {
    if (phase != Phase.ENDED) {
      end();
      live.turn(() -> live.lost(this, reason));
    }
  }

  /** What the connection tells its owner. */
  private void told(Message message) {
    if (message instanceof Up && phase == Phase.CONNECTING) {
      Duration limit = live.answer();
      Reason late = new Reason.Timeout(Reason.Step.ANSWER, limit);
      waiting = live.loop.schedule(() -> fail(late), limit.toNanos());
    } else if (message instanceof Terminated(var ref, var reason)) {
      if (refusal != null) {
        refusal.complete();
      }
      fail(Actor.lastFailure(reason));
      live.terminated(this);
    } else if (message instanceof Notice(var ref, var detail) && phase == Phase.CARRYING) {
      live.tell(new Notice(live.ref, detail));
    }
  }

  @Override
  public boolean full() {
    return switch (phase) {
      case HELD -> held.size() >= HOLDS;
      case CARRYING -> live.owner.full();
      case CONNECTING, ENDED -> false;
    };
  }

  /** Comments that gathered while nothing was read are no flood. */
  private void readOn(Runnable action) {
    live.loop.execute(() -> unreadUntil = live.now());
    action.run();
  }

  @Override
  public void whenRoom(Runnable action) {
    switch (phase) {
      case HELD -> whenRoom = () -> readOn(action);
      case CARRYING -> live.whenRoom(() -> readOn(action));
      case CONNECTING, ENDED -> action.run();
    }
  }
}
