package dev.lariat.internal.hop;

import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.option.Credentials.Password;
import dev.lariat.option.Proxy;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** SOCKS 4 and 4A: one request, and one answer of eight octets. */
final class Socks4 implements Negotiation {
  private static final int VERSION = 4;
  private static final int CONNECT = 1;
  private static final int ANSWER = 8; // octets
  private static final int ANSWER_VERSION = 0;
  private static final int NO_ADDRESS = 1; // 0.0.0.1: a name follows, in 4A

  private static final int GRANTED = 90;
  private static final int REJECTED = 91;
  private static final int NO_IDENTD = 92;
  private static final int OTHER_USER = 93;

  private final Authority next;
  private final @Nullable InetAddress address;
  private final String user;

  /** The address is of IPv4, or null for 4A. */
  Socks4(Proxy proxy, Authority next, @Nullable InetAddress address) {
    this.next = next;
    this.address = address;
    this.user =
        proxy.credentials().orElse(null) instanceof Password password ? password.user() : "";
  }

  @Override
  public void begin(ByteBuf out) {
    out.writeByte(VERSION).writeByte(CONNECT).writeShort(next.port());
    if (address == null) {
      out.writeInt(NO_ADDRESS);
    } else {
      out.writeBytes(address.getAddress());
    }
    text(user, out);
    if (address == null) {
      text(next.host(), out);
    }
  }

  private static void text(String text, ByteBuf out) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8)).writeByte(0);
  }

  @Override
  public Progress received(ByteBuf in, ByteBuf out) {
    if (!in.isReadable()) {
      return Progress.MORE;
    }
    int version = in.getUnsignedByte(in.readerIndex());
    if (version != ANSWER_VERSION) {
      return new Progress.Refused(
          new Reason.Protocol(
              "the proxy answered with the unknown version " + version, "SOCKS 4, CONNECT"));
    }
    if (in.readableBytes() < ANSWER) {
      return Progress.MORE;
    }
    int code = in.getUnsignedByte(in.readerIndex() + 1);
    in.skipBytes(ANSWER);
    return code == GRANTED
        ? Progress.THROUGH
        : new Progress.Refused(new Reason.Socks(meaning(code), code));
  }

  private static SocksReply meaning(int code) {
    return switch (code) {
      case REJECTED -> SocksReply.REJECTED;
      case NO_IDENTD -> SocksReply.NO_IDENTD;
      case OTHER_USER -> SocksReply.OTHER_USER;
      default -> SocksReply.UNASSIGNED;
    };
  }

  @Override
  public Reason early() {
    return new Reason.Protocol("the proxy sent an answer before the request", "SOCKS 4, CONNECT");
  }
}
