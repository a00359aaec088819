package dev.lariat.internal.content;

import static dev.lariat.internal.content.Coded.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body on its way through handlers and events. */
class BodyTest {
  private static final Data END = new Data(STREAM, true, Bytes.EMPTY);
  private static final Headers EVENTS = Headers.of("content-type", "text/event-stream");

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Data data(String text) {
    return new Data(STREAM, false, Bytes.ofUtf8(text));
  }

  private static ServerSentEvent event(String data) {
    return new ServerSentEvent(STREAM, "", "message", data, Optional.empty());
  }

  private static List<Message> told(Content content, Headers headers, String... parts) {
    byte[][] octets = List.of(parts).stream().map(BodyTest::utf8).toArray(byte[][]::new);
    return new Coded(headers, octets).messages(content, Limits.DEFAULT);
  }

  // ---- events

  @Test
  void eventsAreToldAndTheBodysEnd() {
    assertThat(told(Content.EVENTS, EVENTS, "data: a\n\nda", "ta: b\n\ndata: c"))
        .containsExactly(event("a"), event("b"), END);
  }

  @Test
  void compressedEventsAreDecompressedFirst() {
    Coded body =
        new Coded(
            EVENTS.with("content-encoding", "gzip"),
            Coded.coded("gzip", utf8("data: a\n\ndata: b\n\n")));
    assertThat(body.cut(3).messages(Content.EVENTS.decompress(true), Limits.DEFAULT))
        .containsExactly(event("a"), event("b"), END);
  }

  @Test
  void aStreamOfEventsHasNoEndOfItsSize() {
    Coded body =
        new Coded(
            EVENTS.with("content-encoding", "gzip"),
            Coded.coded("gzip", utf8("data: a\n\ndata: b\n\n")));
    assertThat(body.messages(Content.EVENTS.decompress(true), Limits.DEFAULT.decompressed(10)))
        .containsExactly(event("a"), event("b"), END);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/event-stream;charset=utf-8",
        "Text/Event-Stream ; charset=utf-8",
        "text/event-stream"
      })
  void theParametersOfTheTypeAreIgnored(String type) {
    assertThat(told(Content.EVENTS, Headers.of("content-type", type), "data: a\n\n"))
        .containsExactly(event("a"), END);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "text/event-streams", "", "application/json"})
  void aBodyOfAnotherTypeIsToldAsItCame(String type) {
    assertThat(
            new Contents(Limits.DEFAULT)
                .begin(Content.EVENTS, STREAM, 200, Headers.of("content-type", type)))
        .isNull();
    assertThat(new Contents(Limits.DEFAULT).begin(Content.EVENTS, STREAM, 200, Headers.EMPTY))
        .isNull();
  }

  @Test
  void eventsThatAreStillCompressedAreToldAsTheyCame() {
    assertThat(
            new Contents(Limits.DEFAULT)
                .begin(Content.EVENTS, STREAM, 200, EVENTS.with("content-encoding", "gzip")))
        .isNull();
  }

  @Test
  void anEventWithoutEndEndsTheStream() {
    List<Message> messages =
        new Coded(EVENTS, utf8("data: a\n\n" + "data: b\n".repeat(100)), utf8("data: c\n\n"))
            .messages(Content.EVENTS, Limits.DEFAULT.event(100));
    assertThat(messages)
        .containsExactly(
            event("a"), new StreamFailed(STREAM, new Reason.Limit(Reason.Bound.EVENT, 100)));
  }

  @Test
  void eventsAreAskedFor() {
    Request request = Request.of("GET", "/");
    assertThat(Contents.negotiate(request.content(Content.EVENTS)).headers())
        .isEqualTo(Headers.of("accept", "text/event-stream"));
    assertThat(
            Contents.negotiate(request.content(Content.EVENTS).header("Accept", "*/*")).headers())
        .isEqualTo(Headers.of("accept", "*/*"));
    assertThat(Contents.negotiate(request)).isSameAs(request);
  }

  // ---- handlers

  private static ContentHandler.Factory upper() {
    return session ->
        Optional.of(bytes -> session.pass(Bytes.ofUtf8(bytes.utf8().toUpperCase(Locale.ROOT))));
  }

  private static ContentHandler.Factory twice() {
    return session ->
        Optional.of(
            bytes -> {
              session.pass(bytes);
              session.pass(Bytes.EMPTY);
              session.pass(bytes);
            });
  }

  /** Tells how much there was. */
  private static ContentHandler.Factory counting() {
    return session ->
        Optional.of(
            new ContentHandler() {
              private int count;

              @Override
              public void data(Bytes bytes) {
                count += bytes.size();
              }

              @Override
              public void end() {
                session.tell(count);
              }
            });
  }

  @Test
  void handlersAreAChain() {
    assertThat(told(Content.PLAIN.handler(upper()).handler(twice()), Headers.EMPTY, "a", "b"))
        .containsExactly(data("A"), data("A"), data("B"), data("B"), END);
    assertThat(told(Content.PLAIN.handler(twice()).handler(counting()), Headers.EMPTY, "ab", "c"))
        .containsExactly(new ContentMessage(STREAM, 6), END);
  }

  /** Undoes the coding {@code backwards}, which nobody but this test knows. */
  private static ContentHandler.Factory forwards() {
    return session ->
        session.headers().first("content-encoding").filter("backwards"::equals).isEmpty()
            ? Optional.empty()
            : Optional.of(
                bytes ->
                    session.pass(
                        Bytes.ofUtf8(new StringBuilder(bytes.utf8()).reverse().toString())));
  }

  @Test
  void aHandlerMayUndoACodingOfTheUsersOwn() {
    Headers coded = EVENTS.with("content-encoding", "backwards");
    Content content = Content.EVENTS.decompress(true).handler(forwards());
    assertThat(told(content.handler(upper()), coded, "cba")).containsExactly(data("ABC"), END);
    assertThat(told(content.handler(upper()), Headers.EMPTY, "cba"))
        .containsExactly(data("CBA"), END);
  }

  @Test
  void aHandlerThatDoesNotWantTheBodyIsLeftOut() {
    assertThat(
            told(
                Content.PLAIN.handler(session -> Optional.empty()).handler(upper()),
                Headers.EMPTY,
                "a"))
        .containsExactly(data("A"), END);
  }

  @Test
  void handlersStandBeforeTheEvents() {
    assertThat(told(Content.EVENTS.handler(twice()), EVENTS, "data: a\n\n"))
        .containsExactly(event("a"), event("a"), END);
  }

  @Test
  void aHandlerKnowsItsResponse() {
    List<Object> seen = new ArrayList<>();
    Body body =
        new Contents(Limits.DEFAULT)
            .begin(
                Content.DECOMPRESSED.handler(
                    session -> {
                      seen.addAll(List.of(session.stream(), session.status(), session.headers()));
                      return Optional.empty();
                    }),
                STREAM,
                404,
                EVENTS.with("content-encoding", "gzip"));
    body.release();
    assertThat(seen).containsExactly(STREAM, 404, EVENTS);
  }

  @Test
  void aHandlerThatThrowsEndsItsStream() {
    IllegalStateException thrown = new IllegalStateException("no");
    ContentHandler.Factory failing =
        session ->
            Optional.of(
                bytes -> {
                  session.tell(bytes.utf8());
                  if (bytes.utf8().equals("b")) {
                    throw thrown;
                  }
                });
    assertThat(told(Content.PLAIN.handler(failing), Headers.EMPTY, "a", "b", "c"))
        .containsExactly(
            new ContentMessage(STREAM, "a"),
            new ContentMessage(STREAM, "b"),
            new StreamFailed(STREAM, new Reason.HandlerThrew(thrown)));
  }

  @Test
  void aFactoryThatThrowsEndsItsStream() {
    IllegalStateException thrown = new IllegalStateException("no");
    Content content =
        Content.PLAIN.handler(
            session -> {
              throw thrown;
            });
    assertThat(told(content, Headers.EMPTY, "a", "b"))
        .containsExactly(new StreamFailed(STREAM, new Reason.HandlerThrew(thrown)));
  }

  @Test
  void aSessionIsUsedWithinItsHandlersCallsOnly() {
    List<ContentHandler.Session> sessions = new ArrayList<>();
    told(
        Content.PLAIN.handler(
            session -> {
              sessions.add(session);
              return Optional.of(session::pass);
            }),
        Headers.EMPTY,
        "a");
    assertThatIllegalStateException().isThrownBy(() -> sessions.getFirst().pass(Bytes.ofUtf8("x")));
    assertThatIllegalStateException().isThrownBy(() -> sessions.getFirst().tell("x"));
  }

  @Test
  void whatAFactoryPassesGoesThroughTheHandlersBehindIt() {
    ContentHandler.Factory titled =
        session -> {
          session.tell("title");
          session.pass(Bytes.ofUtf8("title "));
          return Optional.of(session::pass);
        };
    ContentHandler.Factory unwanted =
        session -> {
          session.pass(Bytes.ofUtf8("and more "));
          return Optional.empty();
        };
    Content content =
        Content.PLAIN
            .handler(titled)
            .handler(unwanted)
            .handler(session -> Optional.empty())
            .handler(upper());
    assertThat(told(content, Headers.EMPTY, "a"))
        .containsExactly(
            new ContentMessage(STREAM, "title"), data("TITLE "), data("AND MORE "), data("A"), END);
  }

  // ---- the end

  @Test
  void trailersAreTheLastMessageWhereThereAreSome() {
    Body body = new Contents(Limits.DEFAULT).begin(Content.EVENTS, STREAM, 200, EVENTS);
    Trailers trailers = new Trailers(STREAM, Headers.of("a", "b"));
    body.received(Bytes.wrap(utf8("data: a\n\n")));
    body.end(trailers);
    assertThat(body.next()).isEqualTo(event("a"));
    assertThat(body.next()).isEqualTo(trailers);
    assertThat(body.next()).isNull();
  }

  @Test
  void messagesAreMadeWhenTheyAreAskedFor() {
    List<String> handled = new ArrayList<>();
    Body body =
        new Contents(Limits.DEFAULT)
            .begin(
                Content.PLAIN.handler(
                    session ->
                        Optional.of(
                            bytes -> {
                              handled.add(bytes.utf8());
                              session.tell(bytes.size());
                            })),
                STREAM,
                200,
                Headers.EMPTY);
    body.received(Bytes.wrap(new byte[20 << 10]));
    assertThat(handled).isEmpty();
    assertThat(body.next()).isEqualTo(new ContentMessage(STREAM, 16 << 10));
    assertThat(handled).hasSize(1);
    assertThat(body.next()).isEqualTo(new ContentMessage(STREAM, 4 << 10));
    assertThat(body.next()).isNull();
    body.release();
  }
}
