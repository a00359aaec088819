package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Exchange;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One contract of HTTP/1.1, held by servers that others wrote. */
final class Http1ServersTest {
  private static final String PAGE = "a page\n";
  private static final String LARGE = "0123456789".repeat(100_000);

  @Needs(Peer.NGINX)
  @Nested
  final class Nginx extends Contract {
    @Override
    int port(boolean tls) {
      return Servers.nginx().port(tls ? 1 : 0);
    }

    @Override
    int hastyPort() {
      return Servers.nginx().port(5);
    }
  }

  /** In front of Python's. */
  @Needs({Peer.HAPROXY, Peer.PYTHON})
  @Nested
  final class Haproxy extends TrailersToo {
    @Override
    int port(boolean tls) {
      return Servers.haproxy().port(tls ? 4 : 3);
    }

    @Override
    int hastyPort() {
      return Servers.haproxy().port(5);
    }
  }

  @Needs(Peer.H2O)
  @Nested
  final class H2o extends Contract {
    @Override
    int port(boolean tls) {
      return Servers.h2o().port(tls ? 1 : 0);
    }

    @Override
    int hastyPort() {
      return Servers.hastyH2o().port(0);
    }
  }

  /** In front of Python's where it has no words of its own. */
  @Needs({Peer.CADDY, Peer.PYTHON})
  @Nested
  final class Caddy extends TrailersToo {
    @Override
    int port(boolean tls) {
      return Servers.caddy().port(tls ? 2 : 0);
    }

    @Override
    int hastyPort() {
      return Servers.caddy().port(1);
    }
  }

  @Needs(Peer.PYTHON)
  @Nested
  final class Python extends TrailersToo {
    @Override
    int port(boolean tls) {
      return Servers.origin().port(tls ? 2 : 0);
    }

    @Override
    int hastyPort() {
      return Servers.origin().port(1);
    }
  }

  /** What every server does. */
  abstract static class Contract {
    abstract int port(boolean tls);

    /** Where what is idle is soon closed. */
    abstract int hastyPort();

    final Witness open() {
      return open(false);
    }

    final Witness open(boolean tls) {
      return (tls ? Way.TLS : Way.PLAIN).open(port(tls));
    }

    /** Asks for a page, which only an intact connection answers; there was one all the time. */
    static void isUsable(Witness witness) {
      assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(1);
    }

    static Witness.Answer answer(Witness witness) {
      return witness.answer(witness.until(Response.class));
    }

    // ---- responses

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPageOfAKnownLengthIsReadWholeAndTheConnectionIsKept(boolean tls) {
      try (Witness witness = open(tls)) {
        Witness.Answer page = witness.get("/large.txt");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.headers().first("content-length")).hasValue("1000000");
        assertThat(page.body()).isEqualTo(LARGE);
        for (int i = 0; i < 10; i++) {
          isUsable(witness);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChunkedPageIsReadWhole(boolean tls) {
      try (Witness witness = open(tls)) {
        Witness.Answer page = witness.get("/chunked/large.txt");
        assertThat(page.headers().first("transfer-encoding")).hasValue("chunked");
        assertThat(page.body()).isEqualTo(LARGE);
        isUsable(witness);
      }
    }

    @Test
    void theAnswerToHeadHasALengthAndNoBody() {
      try (Witness witness = open()) {
        witness.request(Request.of("HEAD", "/large.txt"));
        Response response = witness.until(Response.class);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers().first("content-length")).hasValue("1000000");
        assertThat(response.fin()).isTrue();
        isUsable(witness);
      }
    }

    @Test
    void anAnswerWithoutContentHasNoBody() {
      try (Witness witness = open()) {
        witness.request(Request.of("GET", "/empty"));
        Response response = witness.until(Response.class);
        assertThat(response.status()).isEqualTo(204);
        assertThat(response.fin()).isTrue();
        isUsable(witness);
      }
    }

    @Test
    void aPageThatHasNotChangedHasNoBody() {
      try (Witness witness = open()) {
        String changed = witness.get("/page.txt").headers().first("last-modified").orElseThrow();
        witness.request(Request.of("GET", "/page.txt").header("If-Modified-Since", changed));
        Response response = witness.until(Response.class);
        assertThat(response.status()).isEqualTo(304);
        assertThat(response.fin()).isTrue();
        isUsable(witness);
      }
    }

    /**
     * Python closes the connection behind it, others do not: the next request cares for neither.
     */
    @Test
    void whatIsNotThereIsAnswered() {
      try (Witness witness = open()) {
        assertThat(witness.get("/nowhere").status()).isEqualTo(404);
        assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      }
    }

    @Test
    void aRangeIsRead() {
      try (Witness witness = open()) {
        Witness.Answer part =
            witness.ask(Request.of("GET", "/large.txt").header("Range", "bytes=99995-100004"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.headers().first("content-range")).hasValue("bytes 99995-100004/1000000");
        assertThat(part.body()).isEqualTo("5678901234");
        isUsable(witness);
      }
    }

    @Test
    void whatIsCompressedIsReadEitherWay() {
      try (Witness witness = open()) {
        Request large = Request.of("GET", "/gzip/large.txt");
        witness.request(large.header("Accept-Encoding", "gzip"));
        Response coded = witness.until(Response.class);
        assertThat(coded.headers().first("content-encoding")).hasValue("gzip");
        assertThat(size(witness, coded)).isBetween(100L, 100_000L);
        Witness.Answer page = witness.ask(large.content(Content.DECOMPRESSED));
        assertThat(page.headers().contains("content-encoding")).isFalse();
        assertThat(page.body()).isEqualTo(LARGE);
        isUsable(witness);
      }
    }

    private static long size(Witness witness, Response response) {
      long size = 0;
      boolean end = response.fin();
      while (!end) {
        Data part = witness.next(Data.class);
        size += part.bytes().size();
        end = part.fin();
      }
      return size;
    }

    // ---- requests

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pipelinedRequestsAreAnsweredInTheirOrder(boolean tls) {
      try (Witness witness = (tls ? Way.TLS : Way.PLAIN).openPipelined(port(tls))) {
        List<Exchange> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          asked.add(witness.request(Request.of("GET", i % 2 == 0 ? "/page.txt" : "/large.txt")));
        }
        for (int i = 0; i < 20; i++) {
          Response response = witness.until(Response.class);
          assertThat(response.stream()).isSameAs(asked.get(i));
          assertThat(witness.answer(response).body()).isEqualTo(i % 2 == 0 ? PAGE : LARGE);
        }
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT"})
    void aBodyWithALengthArrives(String method) {
      try (Witness witness = open()) {
        Request request = Request.of(method, "/reflect").body(Bytes.ofUtf8("a body"));
        assertThat(witness.ask(request).body()).startsWith(method + " 6 a body ");
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeBodyWithALengthArrivesWhole(boolean tls) {
      try (Witness witness = open(tls)) {
        Request request = Request.of("POST", "/length").body(Bytes.wrap(new byte[1 << 20]));
        assertThat(witness.ask(request).body()).contains(" 1048576 ");
        isUsable(witness);
      }
    }

    @Test
    void aChunkedBodyArrives() {
      try (Witness witness = open()) {
        Exchange post = witness.begin(Request.of("POST", "/reflect"));
        post.data(Bytes.ofUtf8("a bo"), false);
        post.data(Bytes.ofUtf8("dy"), true);
        assertThat(answer(witness).body()).startsWith("POST ").contains(" a body ");
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeChunkedBodyArrivesWhole(boolean tls) throws Exception {
      try (Witness witness = open(tls)) {
        Exchange post = witness.begin(Request.of("POST", "/length"));
        post.send(new ByteArrayInputStream(new byte[1 << 20]));
        assertThat(answer(witness).body()).contains(" 1048576 ");
        isUsable(witness);
      }
    }

    @Test
    void trailersOfARequestDoNoHarm() {
      try (Witness witness = open()) {
        Exchange post = witness.begin(Request.of("POST", "/reflect"));
        post.data(Bytes.ofUtf8("a body"), false);
        post.trailers(Headers.of("digest", "x"));
        assertThat(answer(witness).body()).contains(" a body ");
        isUsable(witness);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBodyWaitsForTheServersConsent(boolean chunked) {
      try (Witness witness = open()) {
        Request post = Request.of("POST", "/reflect").expectContinue(Duration.ofSeconds(20));
        Exchange exchange = witness.begin(chunked ? post : post.header("content-length", "6"));
        exchange.data(Bytes.ofUtf8("a body"), true);
        assertThat(witness.until(Inform.class).status()).isEqualTo(100);
        assertThat(answer(witness).body()).contains(" a body ");
        isUsable(witness);
      }
    }

    // ---- the connection

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatIsToBeClosedIsClosedBehindTheResponse(boolean tls) {
      try (Witness witness = open(tls)) {
        Request last = Request.of("GET", "/large.txt").header("Connection", "close");
        Witness.Answer page = witness.ask(last);
        assertThat(page.body()).isEqualTo(LARGE);
        Down down = witness.until(Down.class);
        assertThat(down.reason()).isEqualTo(new Reason.Closed());
        assertThat(down.killed()).isEmpty();
        witness.until(Up.class);
        assertThat(witness.get("/page.txt").body()).isEqualTo(PAGE);
      }
    }

    @Test
    void aConnectionThatIsClosedWhenIdleTakesNoRequestAndTheNextOneDoes() {
      try (Witness witness = Way.PLAIN.open(hastyPort())) {
        assertThat(untilAnswered(witness).body()).isEqualTo(PAGE);
        Down down = witness.until(Down.class);
        assertThat(down.reason()).isEqualTo(new Reason.Closed());
        assertThat(down.killed()).isEmpty();
        assertThat(untilAnswered(witness).body()).isEqualTo(PAGE);
      }
    }

    /** Asks again what met the close, as a request does on a machine that has much to do. */
    private static Witness.Answer untilAnswered(Witness witness) {
      while (true) {
        witness.request(Request.of("GET", "/page.txt"));
        switch (witness.until(Message.OfStream.class)) {
          case Response response -> {
            return witness.answer(response);
          }
          case StreamFailed(_, var reason) ->
              assertThat(reason).isInstanceOf(Reason.Unanswered.class);
          case Message.OfStream other -> throw new AssertionError(other);
        }
      }
    }
  }

  /** What those do that send trailers, or pass them on. */
  abstract static class TrailersToo extends Contract {
    @Test
    void trailersAreTheEndOfAResponse() {
      try (Witness witness = open()) {
        witness.request(Request.of("GET", "/trailers"));
        assertThat(witness.until(Response.class).fin()).isFalse();
        assertThat(witness.next(Data.class).bytes()).isEqualTo(Bytes.ofUtf8(PAGE));
        Trailers trailers = witness.next(Trailers.class);
        assertThat(trailers.headers().first("digest")).hasValue("adler32=03da0195");
        isUsable(witness);
      }
    }
  }
}
