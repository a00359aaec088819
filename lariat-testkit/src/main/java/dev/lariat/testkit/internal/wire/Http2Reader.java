package dev.lariat.testkit.internal.wire;

import static dev.lariat.testkit.internal.wire.Http2Frame.*;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The frames that a client sends, one after another (RFC 9113 section 4): the preface is before the
 * first, which must be SETTINGS, and nothing interrupts a field block.
 */
final class Http2Reader {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Peer peer;
  private final Input in;
  private boolean met; // the preface and SETTINGS came

  Http2Reader(Peer peer, Input in) {
    this.peer = peer;
    this.in = in;
  }

  /** Waits so long for something to read; says whether there is something, or the end. */
  boolean ready(long nanos) throws IOException {
    return peer.thawed(() -> in.ready(nanos));
  }

  /** The next frame; null when the client has ended its side. */
  @Nullable Http2Frame next() throws IOException {
    if (!peer.thawed(in::hasNext)) {
      return null;
    }
    if (!met) {
      byte[] preface = peer.thawed(() -> in.next(PREFACE.length));
      refuseIf(!Arrays.equals(preface, PREFACE), "no preface came", "3.4");
    }
    Http2Frame frame = peer.thawed(() -> Http2Frame.read(in));
    refuseIf(!met && frame.type() != SETTINGS, "the first frame is not SETTINGS", "3.4");
    met = true;
    return frame;
  }

  /** The whole field block that begins with this frame, which was the last one that came. */
  byte[] block(Http2Frame first) throws IOException {
    byte[] block = first.content();
    for (Http2Frame last = first; !last.has(END_HEADERS); ) {
      last = peer.thawed(() -> Http2Frame.read(in));
      refuseIf(
          last.type() != CONTINUATION || last.stream() != first.stream(),
          "a field block is interrupted",
          "6.10");
      int length = block.length;
      block = Arrays.copyOf(block, length + last.payload().size());
      System.arraycopy(last.payload().toArray(), 0, block, length, last.payload().size());
    }
    return block;
  }
}
