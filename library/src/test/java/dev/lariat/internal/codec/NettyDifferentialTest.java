package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Holds the decoder against Netty's, whose frames are joined here and whose texts the JDK judges
 * (Netty's own validator takes a pong inside a fragmented text for a part of it).
 *
 * <p>Where they differ, and why that is right:
 *
 * <ul>
 *   <li>a close code past 4999, which Netty takes (RFC 6455 section 7.4.2 defines none);
 *   <li>octets that are not UTF-8 in a frame that is not complete, for which Netty waits (section
 *       8.1 lets either side fail at once).
 * </ul>
 */
class NettyDifferentialTest {
  private static final int MAX = 1 << 20;

  /** Netty's decoder, and messages made of its frames. */
  private static final class Reference {
    final List<Frame> frames = new ArrayList<>();
    boolean rejected;
    private final EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(false)
                    .maxFramePayloadLength(MAX)
                    .closeOnProtocolViolation(false)
                    .build()));
    private final ByteArrayOutputStream joined = new ByteArrayOutputStream();
    private boolean text;

    void feed(byte... piece) {
      if (rejected) {
        return;
      }
      try {
        channel.writeInbound(Unpooled.wrappedBuffer(piece));
      } catch (CorruptedFrameException e) {
        take();
        rejected = true;
        return;
      }
      take();
    }

    private void take() {
      WebSocketFrame frame;
      while ((frame = channel.readInbound()) != null) {
        if (!rejected) {
          take(frame, ByteBufUtil.getBytes(frame.content()));
        }
        frame.release();
      }
    }

    private void take(WebSocketFrame frame, byte[] payload) {
      switch (frame) {
        case PingWebSocketFrame ping -> frames.add(new Ping(Bytes.wrap(payload)));
        case PongWebSocketFrame pong -> frames.add(new Pong(Bytes.wrap(payload)));
        case CloseWebSocketFrame close -> {
          // Netty takes codes past the registry, and a reason that ends inside a character
          boolean reasonEnds =
              payload.length == 0 || isUtf8(Arrays.copyOfRange(payload, 2, payload.length));
          if (close.statusCode() > 4999 || !reasonEnds) {
            rejected = true;
          } else {
            frames.add(
                payload.length == 0
                    ? Close.EMPTY
                    : new Close(close.statusCode(), close.reasonText()));
          }
        }
        default -> {
          text =
              frame instanceof TextWebSocketFrame
                  || text && !(frame instanceof BinaryWebSocketFrame);
          joined.writeBytes(payload);
          byte[] whole = joined.toByteArray();
          if (text && !isUtf8(whole, frame.isFinalFragment())) {
            rejected = true;
          } else if (frame.isFinalFragment()) {
            frames.add(
                text ? new Text(new String(whole, StandardCharsets.UTF_8)) : new Binary(whole));
            joined.reset();
          }
        }
      }
    }

    /** Whether these octets are UTF-8, or can become it where more are to come. */
    private static boolean isUtf8(byte[] octets, boolean complete) {
      if (complete || isUtf8(octets)) {
        return isUtf8(octets);
      }
      int last = octets.length - 1; // where the last character begins
      while (last > 0 && octets.length - last < 4 && (octets[last] & 0xc0) == 0x80) {
        last--;
      }
      byte[] tail = Arrays.copyOfRange(octets, last, octets.length);
      return isUtf8(Arrays.copyOf(octets, last)) && canBecomeUtf8(tail);
    }

    private static boolean canBecomeUtf8(byte[] start) {
      if (isUtf8(start)) {
        return true;
      }
      if (start.length == 4) {
        return false;
      }
      byte[] longer = Arrays.copyOf(start, start.length + 1);
      for (int next :
          new int[] {0x80, 0x90, 0xa0}) { // one of each range that section 4 tells apart
        longer[start.length] = (byte) next;
        if (canBecomeUtf8(longer)) {
          return true;
        }
      }
      return false;
    }

    private static boolean isUtf8(byte[] octets) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
        return true;
      } catch (CharacterCodingException e) {
        return false;
      }
    }

    void finish() {
      channel.finishAndReleaseAll();
    }
  }

  @Property(tries = 3000)
  void whatNettyTakesIsTakenAndWhatItRejectsIsRejected(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = stream(random);
    if (random.nextInt(3) > 0) {
      mutate(random, input);
    }
    Reference reference = new Reference();
    Decoded.Run run = new Decoded.Run(MAX, null);
    int from = 0;
    while (from < input.length) {
      int to = Math.min(input.length, from + 1 + random.nextInt(random.nextBoolean() ? 8 : 300));
      byte[] piece = Arrays.copyOfRange(input, from, to);
      reference.feed(piece);
      run.feed(piece);
      from = to;
    }
    Decoded ours = run.result();
    if (!reference.rejected && ours.reason() != null) {
      // We fail at the first wrong octet, Netty at the end of its frame. What Netty took it would
      // have delivered, so this hides nothing.
      reference.feed(new byte[MAX + 16]);
    }
    assertThat(ours.reason() != null)
        .as("%s of %s", ours, java.util.HexFormat.of().formatHex(input))
        .isEqualTo(reference.rejected);
    assertThat(ours.frames()).isEqualTo(reference.frames);
    reference.finish();
  }

  /** A server's messages and control frames, most of them right. */
  static byte[] stream(Random random) {
    List<byte[]> parts = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      int kind = random.nextInt(12);
      if (kind < 7) {
        message(random, parts);
      } else if (kind < 11) {
        parts.add(control(random));
      } else {
        parts.add(
            ServerFrames.close(
                random.nextBoolean() ? 1000 : random.nextInt(0x10000), text(random, 20)));
      }
    }
    return join(parts.toArray(byte[][]::new));
  }

  private static void message(Random random, List<byte[]> parts) {
    int first = 1 + random.nextInt(2);
    byte[] payload =
        text(random, random.nextInt(10) == 0 ? 30_000 : 60).getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(20) == 0 && payload.length > 0) {
      payload[random.nextInt(payload.length)] = (byte) random.nextInt();
    }
    int from = 0;
    while (random.nextInt(3) == 0) {
      int to = from + random.nextInt(payload.length - from + 1);
      parts.add(frame(first, Arrays.copyOfRange(payload, from, to)));
      if (random.nextBoolean()) {
        parts.add(control(random));
      }
      from = to;
      first = 0;
    }
    parts.add(frame(0x80 | first, Arrays.copyOfRange(payload, from, payload.length)));
  }

  /** A ping or pong. */
  static byte[] control(Random random) {
    byte[] payload = new byte[random.nextInt(126)];
    random.nextBytes(payload);
    return frame(random.nextBoolean() ? 0x89 : 0x8a, payload);
  }

  /** A text of characters of every length. */
  static String text(Random random, int max) {
    String[] characters = {"a", "Z", "0", "é", "€", "\uFFFD", "💶", "\0"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(max); i > 0; i--) {
      text.append(characters[random.nextInt(random.nextBoolean() ? 3 : characters.length)]);
    }
    return text.length() > 30 && max == 20 ? "" : text.toString();
  }

  /** Changes some octets. */
  static void mutate(Random random, byte[] input) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? input.length : Math.min(input.length, 12));
      input[at] =
          (byte) (random.nextBoolean() ? input[at] ^ 1 << random.nextInt(8) : random.nextInt());
    }
  }
}
