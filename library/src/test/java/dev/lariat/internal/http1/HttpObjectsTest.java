package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine without any codec: parts made by hand, and what no codec of today would give. */
class HttpObjectsTest {
  private final List<Object> written = new ArrayList<>();
  private final Recorder out = new Recorder(written::add);
  private final Http1Engine engine =
      new Http1Engine(
          "example.com",
          Http1.DEFAULT,
          Limits.DEFAULT,
          Timeouts.DEFAULT,
          Server.NO_COOKIES,
          new Held(Limits.DEFAULT),
          0);
  private final Stream get = out.stream("request");

  private void get() {
    engine.command(new Command.Request(get, Request.of("GET", "/").body(Bytes.utf8("b"))), 0, out);
  }

  private void receive(HttpObject part) {
    engine.received(part, 0, out);
  }

  private static HttpResponse head(int status, String... namesAndValues) {
    HttpResponse head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            DefaultHttpHeadersFactory.headersFactory().withValidation(false));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      head.headers().add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return head;
  }

  private void end(Reason reason) {
    assertThat(engine.end(reason, out).killed()).containsExactly(get.ref());
    out.expect(new StreamFailed(get.ref(), reason));
    out.expectEnd();
  }

  @Test
  void aRequestIsWrittenWhole() {
    get();
    FullHttpRequest request = (FullHttpRequest) written.remove(0);
    assertThat(written).isEmpty();
    assertThat(ByteBufUtil.getBytes(request.content())).isEqualTo(Bytes.utf8("b").toArray());
    assertThat(request.headers().names()).containsExactly("host", "content-length");
    end(new Reason.OwnerClosed());
  }

  @Test
  void partsStayTheCallersAndTheirBytesAreCopied() {
    get();
    receive(head(200, "content-length", "2"));
    HttpContent part = new DefaultHttpContent(Unpooled.copiedBuffer(new byte[] {'a'}));
    HttpContent last = new DefaultLastHttpContent(Unpooled.copiedBuffer(new byte[] {'b'}));
    receive(part);
    receive(last);
    part.content().setByte(0, 'x');
    assertThat(part.refCnt()).isEqualTo(1);
    assertThat(last.refCnt()).isEqualTo(1);
    part.release();
    last.release();
    out.expect(
        new Response(get.ref(), false, 200, Headers.of("content-length", "2")),
        new Data(get.ref(), false, Bytes.utf8("a")),
        new Data(get.ref(), true, Bytes.utf8("b")));
    assertThat(engine.end(new Reason.Closed(), out).killed()).isEmpty();
    out.expectEnd();
  }

  @Test
  void aResponseThatWasToldWholeDoesNotFailBeforeItsEmptyEnd() {
    get();
    receive(head(204));
    out.expect(new Response(get.ref(), true, 204, Headers.EMPTY));
    assertThat(engine.end(new Reason.Closed(), out).killed()).isEmpty();
    out.expectEnd();
  }

  @Test
  void rfc9110_51_aNameIsAToken() {
    get();
    receive(head(200, "a b", "v"));
    Reason reason = new Reason.Protocol("a header's name is not a token", "RFC 9110 section 5.1");
    out.expect(new Change.Close(reason));
    end(reason);
  }

  @Test
  void rfc9110_55_aValueHoldsNoLineEnd() {
    get();
    receive(head(200, "n", "a\nb"));
    Reason reason =
        new Reason.Protocol("the value of the header n is malformed", "RFC 9110 section 5.5");
    out.expect(new Change.Close(reason));
    end(reason);
  }

  @Test
  void rfc9110_65_trailersAreCheckedLikeHeaders() {
    get();
    receive(head(200, "transfer-encoding", "chunked"));
    out.next(Response.class);
    LastHttpContent last =
        new DefaultLastHttpContent(
            Unpooled.EMPTY_BUFFER,
            DefaultHttpHeadersFactory.trailersFactory().withValidation(false));
    last.trailingHeaders().add("n", "a\0b");
    receive(last);
    Reason reason =
        new Reason.Protocol("the value of the header n is malformed", "RFC 9110 section 5.5");
    out.expect(new Change.Close(reason));
    end(reason);
  }

  @Test
  void aPartThatCouldNotBeDecodedNamesItsCause() {
    get();
    HttpResponse broken = head(200);
    broken.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("why")));
    receive(broken);
    receive(head(200));
    Reason reason =
        new Reason.Protocol("a status line or header is malformed: why", "RFC 9112 section 2.2");
    out.expect(new Change.Close(reason));
    end(reason);
  }
}
