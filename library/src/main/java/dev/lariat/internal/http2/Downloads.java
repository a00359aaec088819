package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.CANCEL;

import dev.lariat.internal.codec.Gathered;
import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.protocol.Out;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import org.jspecify.annotations.Nullable;

/**
 * The content of responses on its way to their receivers. It is told as it comes if the stream has
 * credit and its inbox has room, and is kept by the stream otherwise.
 */
final class Downloads {
  private final Http2Engine engine;
  private final ReceiveWindows windows;
  private final Contents contents;

  @SuppressWarnings("NullAway.Init") // nothing comes before begin
  private Out out;

  Downloads(Http2Engine engine, ReceiveWindows windows, Limits limits) {
    this.engine = engine;
    this.windows = windows;
    this.contents = new Contents(limits);
  }

  void begin(Out out) {
    this.out = out;
  }

  /** How many bodies were begun and not released. */
  int bodies() {
    return contents.held();
  }

  /** Content follows this head; returns the headers that the receiver is told. */
  Headers begins(Http2Stream stream, Hpack.Response head) {
    Body body = contents.begin(stream.content, stream.stream.ref(), head.status(), head.headers());
    stream.body = body;
    return body == null ? head.headers() : body.headers();
  }

  /** Nothing more of the stream is told. */
  void release(Http2Stream stream) {
    stream.release();
    windows.keeps(stream, -stream.keptBytes);
  }

  /** Takes a part of the content, and the message that ends it, if it does. */
  void received(Http2Stream stream, Bytes part, Message.@Nullable OfStream end) {
    Body body = stream.body;
    if (body != null) {
      body.at(out.now(), out.unreadUntil());
      body.received(part);
      windows.keeps(stream, part.size());
      if (end != null) {
        body.end(end);
      }
      tellContent(stream, body);
      return;
    }
    stream.end = end;
    if (!keepsContent(stream) && (part.isEmpty() || mayTell(stream))) {
      tell(stream, part);
    } else if (!part.isEmpty()) {
      Gathered waits = stream.kept == null ? new Gathered() : stream.kept;
      stream.kept = waits;
      waits.add(part.asByteBuffer());
      windows.keeps(stream, part.size());
    }
  }

  private static boolean keepsContent(Http2Stream stream) {
    return stream.kept != null && !stream.kept.isEmpty();
  }

  /** Whether the receiver of a stream can be told a message of its content now. */
  private boolean mayTell(Http2Stream stream) {
    return stream.credit > 0 && !out.full(stream.stream.inbox());
  }

  /** Tells a part of the content, and what ends it if nothing more is kept. */
  private void tell(Http2Stream stream, Bytes part) {
    Message.OfStream end = keepsContent(stream) ? null : stream.end;
    boolean whole = end instanceof Data;
    if (!part.isEmpty()) {
      stream.spend();
      out.tell(stream.stream.inbox(), new Data(stream.stream.ref(), whole, part));
    }
    if (end == null) {
      windows.giveBack(stream, part.size());
      return;
    }
    if (part.isEmpty() || !whole) {
      out.tell(stream.stream.inbox(), end);
    }
    engine.ended(stream);
  }

  /** Allows so many more messages of this stream's content. */
  void credit(Http2Stream stream, long messages) {
    long more = stream.credit + messages;
    stream.credit = more < 0 ? Request.UNLIMITED : more;
    readOn(stream);
  }

  /** Tells what the stream keeps, as far as there is credit and room. */
  void readOn(Http2Stream stream) {
    Body body = stream.body;
    if (body != null) {
      tellContent(stream, body);
    }
    for (Gathered waits = stream.kept;
        waits != null && !waits.isEmpty() && !stream.over && mayTell(stream); ) {
      Bytes part = Bytes.wrap(waits.takePart());
      windows.keeps(stream, -part.size());
      tell(stream, part);
    }
    Reason cut = stream.cut;
    if (cut != null && !stream.over && !owes(stream)) {
      engine.lose(stream, cut);
    }
  }

  /** Whether messages can still be made of what the stream keeps. */
  private static boolean owes(Http2Stream stream) {
    Body body = stream.body;
    return body == null ? keepsContent(stream) : body.owes() || body.hasEnough();
  }

  /** Goes on with a body that has used its share of the loop. */
  void goOn(Http2Stream stream) {
    if (stream.body != null) {
      stream.body.goOn();
    }
    readOn(stream);
  }

  /** Tells the messages that a body was made into, as far as there is credit and room. */
  private void tellContent(Http2Stream stream, Body body) {
    while (!body.hasEnough() && (mayTell(stream) || !body.owes())) {
      Message next = body.next();
      if (next instanceof StreamFailed(var ref, var reason)) {
        engine.fail(stream, reason, CANCEL);
        return;
      }
      if (next == null) {
        break;
      }
      Message.OfStream message = (Message.OfStream) next;
      if (!message.ends()) {
        stream.spend();
      }
      out.tell(stream.stream.inbox(), message);
      if (message.ends()) {
        engine.ended(stream);
        return;
      }
    }
    if (body.hasEnough()) {
      engine.resumes(stream);
    } else if (mayTell(stream)) { // all that has come was made into messages
      int taken = stream.keptBytes;
      windows.keeps(stream, -taken);
      windows.giveBack(stream, taken);
    }
  }
}
