package dev.lariat.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import javax.net.ssl.SSLHandshakeException;

/**
 * Lets no server negotiate TLS anew, beneath TLS and so for each provider: a new handshake could
 * show another certificate, and the JDK and BoringSSL both take part in one. The type of a record
 * is not encrypted before TLS 1.3 (RFC 5246 section 6.2.1). Behind the server's {@code Finished},
 * which is the first handshake record after its change of cipher, no other one may come. TLS 1.3
 * has no renegotiation, and there this handler is taken out.
 */
final class NoRenegotiation extends ChannelInboundHandlerAdapter {
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int HANDSHAKE = 22;

  // The record that is read: type, version (2), length (2), content.
  private int position; // how many octets of the record's header have come
  private int type;
  private int high; // the high octet of the record's length
  private int left; // how many octets of the record's content are to come

  private boolean ciphered;
  private boolean finished;
  private boolean refused;

  /** The server has asked for it. */
  static final class AskedException extends SSLHandshakeException {
    private static final long serialVersionUID = 1;

    private AskedException() {
      super("the server asked to renegotiate TLS, which Lariat rejects (RFC 5246 section 7.4.1.1)");
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    int allowed = refused ? 0 : allowed(bytes);
    if (allowed == bytes.readableBytes()) {
      context.fireChannelRead(bytes);
      return;
    }
    boolean first = !refused;
    refused = true;
    try {
      if (allowed > 0) {
        context.fireChannelRead(bytes.readRetainedSlice(allowed)); // what came before counts
      }
    } finally {
      bytes.release();
    }
    if (first) {
      context.fireExceptionCaught(new AskedException());
    }
  }

  /** How many of these bytes come before the header of a record that may not come is complete. */
  private int allowed(ByteBuf bytes) {
    int begin = bytes.readerIndex();
    int next = begin;
    while (next < bytes.writerIndex()) {
      if (left > 0) {
        int skipped = Math.min(left, bytes.writerIndex() - next);
        left -= skipped;
        next += skipped;
        continue;
      }
      int octet = bytes.getUnsignedByte(next++);
      switch (position++) {
        case 0 -> {
          type = octet;
          if (finished && type == HANDSHAKE) {
            return next - 1 - begin;
          }
        }
        case 3 -> high = octet << 8;
        case 4 -> {
          left = high | octet;
          position = 0;
          finished |= ciphered && type == HANDSHAKE;
          ciphered |= type == CHANGE_CIPHER_SPEC;
        }
        default -> {} // the version
      }
    }
    return next - begin;
  }
}
