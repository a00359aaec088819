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

/**
 * SOCKS 5 (RFC 1928), without authentication or with a name and a password (RFC 1929). Each answer
 * is of a few octets; it is read when it is whole.
 */
final class Socks5 implements Negotiation {
  private static final int VERSION = 5;
  private static final int LOGIN_VERSION = 1;
  private static final int CONNECT = 1;

  // methods
  private static final int NONE = 0;
  private static final int LOGIN = 2;
  private static final int UNACCEPTABLE = 0xff;

  // types of addresses
  private static final int IPV4 = 1;
  private static final int NAME = 3;
  private static final int IPV6 = 4;

  private static final String METHODS = "RFC 1928 section 3";
  private static final String REPLIES = "RFC 1928 section 6";
  private static final String LOGINS = "RFC 1929 section 2";

  /** What is awaited. */
  private enum Answer {
    METHOD,
    LOGIN,
    REPLY
  }

  private final Authority next;
  private final @Nullable InetAddress address;
  private final @Nullable Password login;
  private Answer awaited = Answer.METHOD;

  Socks5(Proxy proxy, Authority next, @Nullable InetAddress address) {
    this.next = next;
    this.address = address;
    this.login = proxy.credentials().orElse(null) instanceof Password password ? password : null;
  }

  @Override
  public void begin(ByteBuf out) {
    awaited = Answer.METHOD;
    out.writeByte(VERSION);
    if (login == null) {
      out.writeByte(1).writeByte(NONE);
    } else {
      out.writeByte(2).writeByte(NONE).writeByte(LOGIN);
    }
  }

  @Override
  public Progress received(ByteBuf in, ByteBuf out) {
    return switch (awaited) {
      case METHOD -> method(in, out);
      case LOGIN -> login(in, out);
      case REPLY -> reply(in);
    };
  }

  private Progress method(ByteBuf in, ByteBuf out) {
    if (hasOtherVersion(in, VERSION)) {
      return unknownVersion(in, METHODS);
    }
    if (in.readableBytes() < 2) {
      return Progress.MORE;
    }
    int method = in.skipBytes(1).readUnsignedByte();
    if (method == UNACCEPTABLE) {
      return refused(SocksReply.NO_METHOD, method);
    }
    if (method != NONE && (method != LOGIN || login == null)) {
      return violation("the proxy chose a method that was not offered: " + method, METHODS);
    }
    if (in.isReadable()) {
      return new Progress.Refused(early());
    }
    if (method == LOGIN && login != null) {
      awaited = Answer.LOGIN;
      out.writeByte(LOGIN_VERSION);
      field(login.user(), out);
      field(login.password(), out);
    } else {
      connect(out);
    }
    return Progress.MORE;
  }

  private Progress login(ByteBuf in, ByteBuf out) {
    if (hasOtherVersion(in, LOGIN_VERSION)) {
      return unknownVersion(in, LOGINS);
    }
    if (in.readableBytes() < 2) {
      return Progress.MORE;
    }
    int status = in.skipBytes(1).readUnsignedByte();
    if (status != 0) {
      return refused(SocksReply.LOGIN_REFUSED, status);
    }
    if (in.isReadable()) {
      return new Progress.Refused(early());
    }
    connect(out);
    return Progress.MORE;
  }

  private void connect(ByteBuf out) {
    awaited = Answer.REPLY;
    out.writeByte(VERSION).writeByte(CONNECT).writeByte(0);
    if (address == null) {
      out.writeByte(NAME);
      field(next.host(), out);
    } else {
      byte[] octets = address.getAddress();
      out.writeByte(octets.length == 4 ? IPV4 : IPV6).writeBytes(octets);
    }
    out.writeShort(next.port());
  }

  /** A field of up to 255 octets; options and names are no longer. */
  private static void field(String text, ByteBuf out) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    out.writeByte(octets.length).writeBytes(octets);
  }

  private static Progress reply(ByteBuf in) {
    if (hasOtherVersion(in, VERSION)) {
      return unknownVersion(in, REPLIES);
    }
    int size = in.readableBytes();
    int start = in.readerIndex();
    if (size < 2) {
      return Progress.MORE;
    }
    int code = in.getUnsignedByte(start + 1);
    if (code != 0) {
      return refused(meaning(code), code); // some proxies send no more than that
    }
    if (size < 5) {
      return Progress.MORE;
    }
    int type = in.getUnsignedByte(start + 3);
    int length =
        switch (type) {
          case IPV4 -> 4;
          case IPV6 -> 16;
          case NAME -> 1 + in.getUnsignedByte(start + 4);
          default -> -1;
        };
    if (length < 0) {
      return violation("the proxy sent an unknown type of address: " + type, REPLIES);
    }
    int whole = 4 + length + 2;
    if (size < whole) {
      return Progress.MORE;
    }
    in.skipBytes(whole);
    return Progress.THROUGH;
  }

  private static SocksReply meaning(int code) {
    return switch (code) {
      case 1 -> SocksReply.FAILED;
      case 2 -> SocksReply.NOT_ALLOWED;
      case 3 -> SocksReply.NETWORK_UNREACHABLE;
      case 4 -> SocksReply.HOST_UNREACHABLE;
      case 5 -> SocksReply.CONNECTION_REFUSED;
      case 6 -> SocksReply.EXPIRED;
      case 7 -> SocksReply.COMMAND_NOT_SUPPORTED;
      case 8 -> SocksReply.ADDRESS_NOT_SUPPORTED;
      default -> SocksReply.UNASSIGNED;
    };
  }

  private static boolean hasOtherVersion(ByteBuf in, int version) {
    return in.isReadable() && in.getUnsignedByte(in.readerIndex()) != version;
  }

  private static Progress unknownVersion(ByteBuf in, String section) {
    int version = in.getUnsignedByte(in.readerIndex());
    return violation("the proxy answered with the unknown version " + version, section);
  }

  private static Progress violation(String rule, String section) {
    return new Progress.Refused(new Reason.Protocol(rule, section));
  }

  private static Progress refused(SocksReply reply, int code) {
    return new Progress.Refused(new Reason.Socks(reply, code));
  }

  @Override
  public Reason early() {
    return new Reason.Protocol("the proxy sent an answer before the request", METHODS);
  }
}
