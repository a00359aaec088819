package dev.lariat.internal.content;

import dev.lariat.internal.codec.EventDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A response's body on its way to the receiver: bytes in, messages out. Messages are made as they
 * are asked for, so that what nobody has credit for stays compressed.
 *
 * <p>It is fed by {@link #received} until {@link #end}; whoever feeds it takes every {@link #next}.
 * The last message ends the stream. A body that goes wrong ends it by a {@link StreamFailed}, and
 * takes and gives nothing more. Whoever leaves it before its last message releases it.
 */
public final class Body {
  private static final int PART = 16 << 10;

  /** Decompressed bytes after which other connections get their turn. */
  static final int ENOUGH = 256 << 10;

  private final StreamRef stream;
  private final int status;
  private final Headers headers;
  private final Arrived arrived;
  private final Source source;
  private final @Nullable EventDecoder events;
  private final Runnable onRelease;
  private final List<Link> links = new ArrayList<>(0);
  private final List<Runnable> early = new ArrayList<>(0); // before all handlers were made
  private boolean begun; // they were
  private final Deque<Message> made = new ArrayDeque<>();
  private final byte[] room = new byte[PART];
  private @Nullable Reason failure;
  private @Nullable Message last; // when no more arrives
  private boolean over; // the last message was made, or will not be asked for
  private int work; // of decompressing, since goOn()

  Body(
      StreamRef stream,
      int status,
      Headers headers,
      Arrived arrived,
      Source source,
      @Nullable EventDecoder events,
      Runnable onRelease) {
    this.stream = stream;
    this.status = status;
    this.headers = headers;
    this.arrived = arrived;
    this.source = source;
    this.events = events;
    this.onRelease = onRelease;
  }

  /** Makes the handlers that want it. */
  Body handledBy(List<ContentHandler.Factory> factories) {
    for (ContentHandler.Factory factory : factories) {
      Link link = new Link(links.size() + 1);
      if (link.begin(factory)) {
        links.add(link);
      }
    }
    begun = true;
    early.forEach(Runnable::run);
    early.clear();
    return this;
  }

  /** The response's headers as they are to be told. */
  public Headers headers() {
    return headers;
  }

  /** Gives the time, and when reading last resumed. */
  public void at(long now, long unreadUntil) {
    if (events != null) {
      events.at(now, unreadUntil);
    }
  }

  /** Takes the next part. */
  public void received(Bytes part) {
    if (!over) {
      arrived.add(part.asByteBuffer());
    }
  }

  /**
   * The body is complete.
   *
   * @param last the message to end with, if nothing is wrong
   */
  public void end(Message last) {
    this.last = last;
  }

  /**
   * Whether so much was decompressed that other connections should get their turn: {@link #next}
   * may give nothing, though more can be made of what arrived, until {@link #goOn} was called.
   */
  public boolean hasEnough() {
    return work >= ENOUGH && !over;
  }

  /** The other connections had their turn. */
  public void goOn() {
    work = 0;
  }

  /** The next message, if one can be made of what arrived. */
  public @Nullable Message next() {
    return peek() == null ? null : made.remove();
  }

  /** The same, to be asked for again. */
  public @Nullable Message peek() {
    while (made.isEmpty() && !over && !hasEnough() && advance()) {}
    return made.peek();
  }

  /** Whether there is a message that is not the last. */
  public boolean owes() {
    return peek() instanceof Message.OfStream next && !next.ends();
  }

  /** Does a step; false where more must arrive first. */
  private boolean advance() {
    if (failure == null) {
      try {
        if (!step()) {
          return false;
        }
      } catch (Violation v) {
        failure = v.reason();
      }
    }
    if (failure != null) {
      finish(new StreamFailed(stream, failure));
    }
    return true;
  }

  private boolean step() throws Violation {
    int count = source.read(room);
    if (count > 0) {
      work += source == arrived ? 0 : count;
      pass(0, Bytes.wrap(Arrays.copyOf(room, count)));
      return true;
    }
    Message end = last;
    if (end == null) {
      return false;
    }
    source.end();
    links.forEach(Link::end);
    if (failure == null) {
      finish(end);
    }
    return true;
  }

  private void finish(Message end) {
    made.add(end);
    free();
  }

  /** Frees what it holds: nothing more is asked of it. */
  public void release() {
    made.clear();
    free();
  }

  private void free() {
    if (!over) {
      over = true;
      source.release();
      onRelease.run();
    }
  }

  // ---- what is made of the bytes

  /** Hands bytes to the handler of this number, or to the receiver. */
  private void pass(int to, Bytes bytes) {
    if (failure != null || bytes.isEmpty()) {
      return;
    }
    if (to < links.size()) {
      links.get(to).data(bytes);
    } else if (events == null) {
      made.add(new Data(stream, false, bytes));
    } else {
      try {
        events.decode(bytes.asByteBuffer(), this::event);
      } catch (Violation v) {
        failure = v.reason();
      }
    }
  }

  private void event(String id, String type, String data, Optional<Duration> retry) {
    made.add(new ServerSentEvent(stream, id, type, data, retry));
  }

  /** A handler of the user's, and what it may do while it is called. */
  private final class Link implements ContentHandler.Session {
    private int next; // the number of the handler behind it
    private ContentHandler handler = bytes -> {};
    private boolean called;

    Link(int next) {
      this.next = next;
    }

    /** Makes the handler; false where it does not want this body. */
    boolean begin(ContentHandler.Factory factory) {
      boolean[] wants = {false};
      call(
          () ->
              factory
                  .begin(this)
                  .ifPresent(
                      made -> {
                        handler = made;
                        wants[0] = true;
                      }));
      next -= wants[0] ? 0 : 1;
      return wants[0];
    }

    void data(Bytes bytes) {
      call(() -> handler.data(bytes));
    }

    void end() {
      call(handler::end);
    }

    private void call(Runnable action) {
      if (failure != null) {
        return;
      }
      called = true;
      try {
        action.run();
      } catch (Throwable thrown) { // a user's code
        failure = new Reason.HandlerThrew(thrown);
      } finally {
        called = false;
      }
    }

    @Override
    public StreamRef stream() {
      return stream;
    }

    @Override
    public int status() {
      return status;
    }

    @Override
    public Headers headers() {
      return headers;
    }

    @Override
    public void pass(Bytes bytes) {
      checkCalled();
      whenBegun(() -> Body.this.pass(next, bytes));
    }

    @Override
    public void tell(Object value) {
      checkCalled();
      ContentMessage message = new ContentMessage(stream, Objects.requireNonNull(value, "value"));
      whenBegun(() -> made.add(message));
    }

    /** What a factory does waits for the handlers behind its own. */
    private void whenBegun(Runnable action) {
      if (begun) {
        action.run();
      } else {
        early.add(action);
      }
    }

    private void checkCalled() {
      if (!called) {
        throw new IllegalStateException("a session is used within its handler's calls only");
      }
    }
  }
}
