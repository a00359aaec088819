package dev.lariat.it.fuzzing;

import static dev.lariat.it.fuzzing.FrameReader.check;

import dev.lariat.it.fuzzing.Heard.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/**
 * Listens to a client, on a thread of its own: joins and inflates messages and checks each rule.
 */
final class Ear implements Runnable {
  private final FrameReader frames;
  private final InputStream in;
  private final Optional<TrackingInflater> inflater;
  private final BlockingQueue<Heard> heard;

  private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();
  private Optional<Frame> begun = Optional.empty(); // the first frame of a fragmented message

  Ear(InputStream in, Optional<TrackingInflater> inflater, BlockingQueue<Heard> heard) {
    this.in = in;
    this.frames = new FrameReader(in, true);
    this.inflater = inflater;
    this.heard = heard;
  }

  @Override
  public void run() {
    String violation = "";
    try {
      listen();
    } catch (Violation e) {
      violation = e.getMessage();
    } catch (IOException e) {
      // a reset is an end too
    }
    heard.add(Heard.of(Kind.END, violation));
  }

  private void listen() throws IOException {
    for (Optional<Frame> next = frames.next(); next.isPresent(); next = frames.next()) {
      Frame frame = next.get();
      switch (frame.opcode()) {
        case Frame.PING -> hear(Kind.PING, frame);
        case Frame.PONG -> hear(Kind.PONG, frame);
        case Frame.CLOSE -> {
          close(frame);
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
        default -> data(frame);
      }
    }
  }

  private void hear(Kind kind, Frame control) throws Violation {
    check(control.rsv() == 0, "a control frame with reserved bits");
    heard.add(Heard.of(kind, control.payload()));
  }

  private void close(Frame frame) throws Violation {
    ByteBuffer payload = ByteBuffer.wrap(frame.payload());
    check(payload.remaining() != 1, "a close frame with half a code");
    if (payload.hasRemaining()) {
      int code = payload.getShort() & 0xffff;
      boolean allowed =
          code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)
              || code >= 3000 && code <= 4999;
      check(allowed, "close code " + code);
      checkUtf8(payload);
    }
    hear(Kind.CLOSE, frame);
  }

  private void data(Frame frame) throws Violation {
    boolean continues = frame.opcode() == Frame.CONTINUATION;
    check(continues == begun.isPresent(), "fragments out of order");
    boolean mayCompress = inflater.isPresent() && !continues;
    check((frame.rsv() & (mayCompress ? 3 : 7)) == 0, "reserved bits " + frame.rsv());
    fragments.writeBytes(frame.payload());
    Frame first = begun.orElse(frame);
    begun = frame.fin() ? Optional.empty() : Optional.of(first);
    if (frame.fin()) {
      byte[] message = fragments.toByteArray();
      fragments.reset();
      message(first, first.rsv() == 0 ? message : inflater.orElseThrow().inflate(message));
    }
  }

  private void message(Frame first, byte[] payload) throws Violation {
    if (first.opcode() == Frame.TEXT) {
      checkUtf8(ByteBuffer.wrap(payload));
    }
    heard.add(Heard.of(first.opcode() == Frame.TEXT ? Kind.TEXT : Kind.BINARY, payload));
  }

  private static void checkUtf8(ByteBuffer text) throws Violation {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(text);
    } catch (CharacterCodingException e) {
      throw new Violation("text that is not UTF-8");
    }
  }
}
