package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.event.Event;
import dev.lariat.event.Trace;
import dev.lariat.event.TracedRequest;
import dev.lariat.event.Tracer;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user's tracer learns of requests, and what it adds to them. */
@Timeout(30)
class TracerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<TracedRequest> begun = new CopyOnWriteArrayList<>();
  private final List<Object> told = new CopyOnWriteArrayList<>();

  private Origin origin() {
    return Origin.start(
        visit -> {
          for (Asked its = visit.request(); its != null; its = visit.request()) {
            asked.add(its);
            visit.respond(200, "x");
          }
        });
  }

  private static ConnectionOptions by(Tracer tracer) {
    return ConnectionOptions.DEFAULT.retry(Backoff.NEVER).tracer(tracer);
  }

  /** Adds these headers, and notes what it is told. */
  private final class Noting implements Trace {
    private final Headers headers;

    Noting(Headers headers) {
      this.headers = headers;
    }

    @Override
    public Headers headers(Protocol protocol, SocketAddress remote) {
      told.add(protocol);
      told.add(remote);
      return headers;
    }

    @Override
    public void event(Event.OfStream event) {
      told.add(event.getClass().getSimpleName());
    }

    @Override
    public void failed(Reason reason) {
      told.add(reason);
    }
  }

  private Tracer adding(Headers headers) {
    return () ->
        request -> {
          begun.add(request);
          return new Noting(headers);
        };
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aTraceAddsHeadersAndReceivesTheEventsOfItsRequest(Protocol protocol) {
    try (Origin origin = origin().protocols(protocol);
        Connection connection =
            Lariat.open(
                origin.uri("http", "/"),
                by(adding(Headers.of("x-trace", "1"))).protocols(protocol))) {
      connection.get("/a?b", Headers.of("x-trace", "0", "x-own", "2")).text(SOON);
      String at = "http://127.0.0.1:" + origin.port();
      assertThat(begun).containsExactly(new TracedRequest(at, "GET", "/a?b", 0, Optional.empty()));
      assertThat(asked.getFirst().headers().all("x-trace")).containsExactly("1");
      assertThat(asked.getFirst().headers().all("x-own")).containsExactly("2");
      assertThat(told)
          .containsExactly(
              protocol,
              new InetSocketAddress("127.0.0.1", origin.port()),
              "RequestStart",
              "RequestHeaders",
              "RequestEnd",
              "ResponseStart",
              "ResponseHeaders",
              "ResponseEnd");
    }
  }

  @Test
  void aRequestThatIsNeverWrittenIsReportedAsFailedAlone() {
    Origin gone = origin();
    gone.close();
    URI nobody = URI.create("http://127.0.0.1:" + gone.port());
    try (Connection connection = Lariat.open(nobody, by(adding(Headers.EMPTY)))) {
      assertThatThrownBy(() -> connection.get("/").text(SOON)).isInstanceOf(FailedException.class);
      assertThat(told).singleElement().isInstanceOf(Reason.class);
    }
  }

  @Test
  void aTracerThatThrowsDoesNothingToTheRequest() {
    Tracer atOnce =
        () -> {
          throw new IllegalStateException("a tracer of the test");
        };
    Tracer atBegin =
        () ->
            request -> {
              throw new IllegalStateException("a tracer of the test");
            };
    for (Tracer tracer : List.of(atOnce, atBegin)) {
      try (Origin origin = origin();
          Connection connection = Lariat.open(origin.uri("http", "/"), by(tracer))) {
        assertThat(connection.get("/").text(SOON)).isEqualTo("x");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "content-length", "transfer-encoding", "upgrade"})
  void aTraceCannotFrameTheMessage(String name) {
    try (Origin origin = origin();
        Connection connection =
            Lariat.open(origin.uri("http", "/"), by(adding(Headers.of(name, "5"))))) {
      assertThat(connection.get("/").text(SOON)).isEqualTo("x");
      assertThat(asked.getFirst().headers().all(name)).doesNotContain("5");
      assertThat(told).doesNotContain("RequestStart"); // it ended where it erred
    }
  }
}
