package dev.lariat.internal.hop;

import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.option.Proxy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A negotiation, with a proxy whose every word the test says. */
final class Talk {
  final Negotiation negotiation;
  private final ByteBuf in = Unpooled.buffer();
  private final ByteBuf out = Unpooled.buffer();

  Talk(Negotiation negotiation) {
    this.negotiation = negotiation;
    negotiation.begin(out);
  }

  static Talk with(Proxy proxy, String host, int port) {
    return new Talk(Negotiation.with(proxy, Authority.of(host, port), null));
  }

  static Talk with(Proxy proxy, String host, int port, @Nullable InetAddress address) {
    return new Talk(Negotiation.with(proxy, Authority.of(host, port), address));
  }

  /** What was sent since the last call. */
  String sent() {
    return new String(bytes(out), StandardCharsets.ISO_8859_1);
  }

  /** The same in hexadecimal. */
  String sentHex() {
    return HexFormat.of().formatHex(bytes(out));
  }

  /** What the negotiation has left, which is the tunnel's. */
  String left() {
    return new String(bytes(in), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  Progress hears(byte[] bytes) {
    in.writeBytes(bytes);
    return negotiation.received(in, out);
  }

  Progress hears(String text) {
    return hears(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Progress hearsHex(String hex) {
    return hears(HexFormat.of().parseHex(hex));
  }

  /** Hears the parts one after the other, and stops when it has come to something. */
  Progress hears(byte[] bytes, int... cuts) {
    Progress progress = Progress.MORE;
    int from = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int to = i < cuts.length ? cuts[i] : bytes.length;
      if (progress == Progress.MORE) {
        progress = hears(Arrays.copyOfRange(bytes, from, to));
      } else {
        in.writeBytes(bytes, from, to - from);
      }
      from = to;
    }
    return progress;
  }

  void again() {
    in.clear();
    out.clear();
    negotiation.begin(out);
  }

  static Reason why(Progress progress) {
    return ((Progress.Refused) progress).why();
  }
}
