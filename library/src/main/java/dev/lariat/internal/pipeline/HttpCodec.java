package dev.lariat.internal.pipeline;

import dev.lariat.internal.codec.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Netty's codec of HTTP/1.1, and the rules of RFC 9112 that it lets a server break: two parsers
 * that forgive different things disagree about what a response says (section 11.1).
 */
final class HttpCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {

  HttpCodec(HttpDecoderConfig config) {
    this(new Responses(config));
  }

  private HttpCodec(Responses responses) {
    super(responses, new Requests(responses));
  }

  /**
   * A request whose response is to come.
   *
   * @param since how many bytes had come from the server before it was sent
   */
  private record Asked(HttpMethod method, long since) {}

  /** Notes what each response will answer, and lets bytes pass between two requests. */
  private static final class Requests extends HttpRequestEncoder {
    private final Responses responses;
    private boolean within; // a request, behind its head

    Requests(Responses responses) {
      this.responses = responses;
    }

    @Override
    public boolean acceptOutboundMessage(Object message) throws Exception {
      return (within || !(message instanceof ByteBuf)) && super.acceptOutboundMessage(message);
    }

    @Override
    protected void encode(ChannelHandlerContext context, Object message, List<Object> out)
        throws Exception {
      if (message instanceof HttpRequest request) {
        responses.asked(request.method());
        within = !(message instanceof FullHttpRequest);
      } else if (message instanceof LastHttpContent) {
        within = false;
      }
      super.encode(context, message, out);
    }
  }

  /**
   * Sees each part of a line where Netty cuts it out of the line's bytes, and what stands beside
   * it.
   */
  private static final class Responses extends HttpResponseDecoder {
    private static final String VERSION = "HTTP/";

    private final Queue<Asked> asked = new ArrayDeque<>(2);
    private final int longestGap;
    private long passed; // bytes that were decoded
    private int wordEnd; // of the status line's word before
    private boolean between; // two responses, or before the first
    private int gap; // how many octets of empty lines have passed there
    private boolean refused; // whatever follows
    private boolean unasked; // something came that answers no request

    Responses(HttpDecoderConfig config) {
      super(config);
      this.longestGap = config.getMaxInitialLineLength();
      this.between = true;
    }

    /** A request of this method is sent. */
    void asked(HttpMethod method) {
      asked.add(new Asked(method, passed + actualReadableBytes()));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws Exception {
      int all = in.readableBytes();
      if (refused) {
        in.skipBytes(all);
      } else if (!between || begins(context, in, out)) {
        int before = out.size();
        super.decode(context, in, out);
        between = out.size() > before && out.getLast() instanceof LastHttpContent && !switches(out);
        gap = 0;
      }
      passed += all - in.readableBytes();
    }

    /** Whether a response begins here, and none that came before its request was sent. */
    private boolean begins(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int all = in.readableBytes();
      if (!passGap(in, out)) {
        return false;
      }
      if (unasked) {
        return true;
      }
      if (asked.isEmpty()) {
        unasked = true;
        context.fireUserEventTriggered(HostHandler.UNASKED);
        return true;
      }
      if (passed + all - in.readableBytes() < asked.element().since) {
        refuse(in, out, broken("a response answers no request", "RFC 9112 section 9.2"));
        return false;
      }
      return true;
    }

    /** What follows such a response is no HTTP. */
    private static boolean switches(List<Object> out) {
      return out.getFirst() instanceof HttpResponse response && response.status().code() == 101;
    }

    /**
     * Passes over empty lines, which are whole ones: Netty would pass over any number of halves,
     * and over other octets.
     *
     * @return whether a response begins here
     */
    private boolean passGap(ByteBuf in, List<Object> out) {
      while (in.isReadable()) {
        byte first = in.getByte(in.readerIndex());
        if (first != '\r' && first != '\n') {
          return true;
        }
        if (first == '\r' && in.readableBytes() == 1) {
          return false;
        }
        if (first == '\n' || in.getByte(in.readerIndex() + 1) != '\n') {
          DecoderException half =
              broken("half of a line's end stands before a status line", "RFC 9112 section 2.2");
          refuse(in, out, half);
          return false;
        }
        in.skipBytes(2);
        gap += 2;
        if (gap > longestGap) {
          refuse(in, out, new TooLongHttpLineException("empty lines"));
          return false;
        }
      }
      return false;
    }

    private void refuse(ByteBuf in, List<Object> out, Exception why) {
      refused = true;
      in.skipBytes(in.readableBytes());
      HttpMessage message = createInvalidMessage();
      message.setDecoderResult(DecoderResult.failure(why));
      out.add(message);
      out.add(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** Section 6.3, the first two rules; asked once for each response. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      if (((HttpResponse) message).status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        return super.isContentAlwaysEmpty(message); // the final response is yet to come
      }
      Asked request = asked.poll();
      boolean head = request != null && request.method.equals(HttpMethod.HEAD);
      return head || super.isContentAlwaysEmpty(message);
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
      String version = super.splitFirstWordInitialLine(line, start, length);
      if (start != 0) {
        throw broken("white space stands before the status line", "RFC 9112 section 4");
      }
      if (!version.startsWith(VERSION)) {
        throw broken("the response does not begin with " + VERSION, "RFC 9112 section 4");
      }
      wordEnd = start + length;
      return version;
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
      if (start != wordEnd + 1 || line[wordEnd] != ' ') {
        throw broken("no single space stands before the status code", "RFC 9112 section 4");
      }
      for (int i = start; i < start + length; i++) {
        if (length != 3 || line[i] < '0' || line[i] > '9') {
          throw broken("the status code is not of three digits", "RFC 9112 section 4");
        }
      }
      wordEnd = start + length;
      return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
      for (int i = wordEnd; i < start + length; i++) {
        if (i == wordEnd ? line[i] != ' ' : isControl(line[i])) {
          throw broken("the reason phrase is malformed", "RFC 9112 section 4");
        }
      }
      return super.splitThirdWordInitialLine(line, start, length);
    }

    private static boolean isControl(byte octet) {
      return octet >= 0 && octet < ' ' && octet != '\t' || octet == 0x7f;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
      byte next = line[start + length]; // a line that ends here is refused before
      if (length == 0 && next != ':') {
        throw broken("white space stands before the first header", "RFC 9112 section 2.2");
      }
      if (length == 0) {
        throw broken("a header has no name", "RFC 9110 section 5.1");
      }
      if (next != ':') {
        throw broken(
            "white space stands between a header's name and its colon", "RFC 9112 section 5.1");
      }
      return super.splitHeaderName(line, start, length);
    }

    private static DecoderException broken(String rule, String section) {
      return new DecoderException(Violation.protocol(rule, section));
    }
  }
}
