package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Inform;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Limits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Responses that RFC 9112 and RFC 9110 forbid, and what stands beside them and is allowed. Each is
 * read whole and octet by octet, which comes to the same.
 */
class MalformedResponseTest {
  private static final int HEADER_BLOCK = 512;
  private static final String LINE = "HTTP/1.1 200 OK\r\n";
  private static final String EMPTY = "content-length: 0\r\n\r\n";
  private static final String CHUNKED = LINE + "transfer-encoding: chunked\r\n\r\n";
  private static final String HELLO = "\r\nhello\r\n0\r\n\r\n";
  private static final String LONG = "x".repeat(HEADER_BLOCK + 100);
  private static final String TOO_LONG = "the limit";

  /** What is told before the end: statuses, the body, trailers, separated by spaces. */
  private static Arguments row(String what, String section, String before, String said) {
    return arguments(what, section, before, said);
  }

  private static Arguments head(String what, String section, String said) {
    return row(what, section, "", said);
  }

  private static Arguments field(String what, String section, String field) {
    return head(what, section, LINE + field + "\r\n" + EMPTY);
  }

  private static Arguments length(String what, String... values) {
    StringBuilder said = new StringBuilder(LINE);
    for (String value : values) {
      said.append("content-length: ").append(value).append("\r\n");
    }
    return head(what, "RFC 9112 section 6.3", said + "\r\nab");
  }

  private static Arguments coding(String what, String section, String fields) {
    return head(what, section, LINE + fields + "\r\n\r\n0\r\n\r\n");
  }

  private static Arguments chunks(String what, String chunks) {
    return row(what, "RFC 9112 section 7.1", "200", CHUNKED + chunks);
  }

  private static Arguments behindOne(String what, String chunks) {
    return row(what, "RFC 9112 section 7.1", "200 hello", CHUNKED + "5\r\nhello" + chunks);
  }

  private static Arguments trailer(String what, String section, String trailer) {
    return row(what, section, "200", CHUNKED + "0\r\n" + trailer + "\r\n\r\n");
  }

  static java.util.stream.Stream<Arguments> statusLines() {
    String form = "RFC 9112 section 4";
    String version = "RFC 9112 section 2.3";
    String line = "RFC 9112 section 2.2";
    return java.util.stream.Stream.of(
        head("another protocol", form, "SSH-2.0-OpenSSH_9.2\r\n"),
        head("a request", form, "GET / HTTP/1.1\r\n\r\n"),
        head("a name in lower case", form, "http/1.1 200 OK\r\n" + EMPTY),
        head("another octet first", form, "\u00efHTTP/1.1 200 OK\r\n" + EMPTY),
        head("white space first", form, " HTTP/1.1 200 OK\r\n" + EMPTY),
        head("an empty line, then white space", form, "\r\n HTTP/1.1 200 OK\r\n" + EMPTY),
        head("no status", form, "HTTP/1.1\r\n" + EMPTY),
        head("two spaces", form, "HTTP/1.1  200 OK\r\n" + EMPTY),
        head("a tabulator", form, "HTTP/1.1\t200 OK\r\n" + EMPTY),
        head("a status of two digits", form, "HTTP/1.1 20 OK\r\n" + EMPTY),
        head("a status of four digits", form, "HTTP/1.1 2000 OK\r\n" + EMPTY),
        head("a status with a sign", form, "HTTP/1.1 -20 OK\r\n" + EMPTY),
        head("a status of letters", form, "HTTP/1.1 abc OK\r\n" + EMPTY),
        head("a control octet in the phrase", form, "HTTP/1.1 200 O\0K\r\n" + EMPTY),
        head("no version", version, "HTTP/ 200 OK\r\n" + EMPTY),
        head("half a version", version, "HTTP/1. 200 OK\r\n" + EMPTY),
        head("a version without a point", version, "HTTP/11 200 OK\r\n" + EMPTY),
        head("a version of two digits", version, "HTTP/1.10 200 OK\r\n" + EMPTY),
        head("an earlier version", version, "HTTP/0.9 200 OK\r\n" + EMPTY),
        head("a later version", version, "HTTP/2.0 200 OK\r\n" + EMPTY),
        head("a bare LF first", line, "\n" + LINE + EMPTY),
        head("a bare CR first", line, "\r" + LINE + EMPTY),
        head("a bare CR behind an empty line", line, "\r\n\r" + LINE + EMPTY),
        head("a bare LF behind the line", line, "HTTP/1.1 200 OK\n" + EMPTY),
        head("a status line without end", TOO_LONG, "HTTP/1.1 200 " + LONG),
        head("garbage without end", form, LONG),
        head("empty lines without end", TOO_LONG, "\r\n".repeat(HEADER_BLOCK)));
  }

  static java.util.stream.Stream<Arguments> fields() {
    String space = "RFC 9112 section 5.1";
    String name = "RFC 9110 section 5.1";
    String value = "RFC 9110 section 5.5";
    String line = "RFC 9112 section 2.2";
    return java.util.stream.Stream.of(
        field("white space before the colon", space, "n : v"),
        field("a tabulator before the colon", space, "n\t: v"),
        field("white space before a length's colon", space, "content-length : 5"),
        field("white space before a coding's colon", space, "transfer-encoding : chunked"),
        field("no name", name, ": v"),
        field("neither name nor value", name, ":"),
        field("a name with a quote", name, "\"n\": v"),
        field("a name with a semicolon", name, "n;m: v"),
        field("a name with NUL", name, "n\0m: v"),
        field("a name beyond ASCII", name, "n\u00e9: v"),
        field("a name with a control octet of ISO 8859-1", name, "n\u009bm: v"),
        field("a name with a no-break space", name, "n\u00a0: v"),
        field("a value with NUL", value, "n: a\0b"),
        field("a value with a control octet", value, "n: a\u0001b"),
        field("a value with DEL", value, "n: a\u007fb"),
        field("a vertical tabulator before a value", value, "n:\u000bv"),
        field("no colon", line, "n"),
        field("white space before the first", line, " n: v"),
        field("a line of white space before the first", line, " "),
        field("a bare LF behind a line", line, "n: v\nm: w"),
        head("a bare LF for the empty line", line, LINE + "n: v\r\n\n"),
        head("bare LFs throughout", line, "HTTP/1.1 200 OK\nn: v\n\n"),
        field("a bare CR in a name", line, "n\rm: v"),
        field("a bare CR in a value", line, "n: a\rb"),
        head("a folded length", "RFC 9112 section 5.2", LINE + "content-length: 1\r\n 0\r\n\r\n"),
        head("a field without end", TOO_LONG, LINE + "n: " + LONG),
        head("a name without end", TOO_LONG, LINE + LONG),
        head("a folded field without end", TOO_LONG, LINE + "n: v\r\n " + LONG),
        head("fields without end", TOO_LONG, LINE + "name: value\r\n".repeat(HEADER_BLOCK)));
  }

  static java.util.stream.Stream<Arguments> lengths() {
    String framing = "RFC 9112 section 6.3";
    String unasked = "RFC 9110 section 10.1.4";
    return java.util.stream.Stream.of(
        length("two lengths", "2", "3"),
        length("two lengths in a list", "2, 3"),
        length("a list that ends early", "2,"),
        length("an empty length", ""),
        length("a negative length", "-1"),
        length("a length with a sign", "+2"),
        length("a hexadecimal length", "0x2"),
        length("a fraction", "1.0"),
        length("two words", "2 2"),
        length("a parameter", "2;"),
        length("a digit beyond ASCII", "\u00b2"),
        length("a length that overflows", "9223372036854775808"),
        length("a length that overflows twice", "36893488147419103234"),
        coding(
            "a malformed length with chunks",
            framing,
            "content-length: x\r\ntransfer-encoding: chunked"),
        coding("chunks last but one", "RFC 9112 section 6.1", "transfer-encoding: chunked, gzip"),
        head(
            "chunks of HTTP/1.0",
            "RFC 9112 section 6.1",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        coding("chunks twice", "RFC 9112 section 7.1", "transfer-encoding: chunked, chunked"),
        coding(
            "chunks twice in two fields",
            "RFC 9112 section 7.1",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked"),
        coding("gzip before chunks", unasked, "transfer-encoding: gzip, chunked"),
        coding("another coding", unasked, "transfer-encoding: xchunked"),
        coding("chunks with a parameter", unasked, "transfer-encoding: chunked;x=y"),
        coding("chunks in quotes", unasked, "transfer-encoding: \"chunked\""),
        coding("no coding at all", unasked, "transfer-encoding:"),
        coding("a list of no codings", unasked, "transfer-encoding: , ,"),
        coding(
            "a vertical tabulator before a coding",
            "RFC 9110 section 5.5",
            "transfer-encoding:\u000bchunked"),
        coding("a folded coding", "RFC 9112 section 5.2", "transfer-encoding:\r\n chunked"));
  }

  static java.util.stream.Stream<Arguments> bodies() {
    String line = "RFC 9112 section 2.2";
    String part = "RFC 9112 section 7.1.2";
    return java.util.stream.Stream.of(
        chunks("no size", HELLO),
        chunks("an extension without a size", ";x" + HELLO),
        chunks("a size of another letter", "g" + HELLO),
        chunks("a size with 0x", "0x5" + HELLO),
        chunks("a size with a plus", "+5" + HELLO),
        chunks("a size with a minus", "-5" + HELLO),
        chunks("two sizes", "5,5" + HELLO),
        chunks("two sizes, spaced", "5 5" + HELLO),
        chunks("a vertical tabulator before a size", "\u000b5" + HELLO),
        chunks("a size with NUL", "5\0" + HELLO),
        chunks("a digit beyond ASCII", "5\u00b2" + HELLO),
        chunks("a size beyond ASCII", "\u00ff" + HELLO),
        chunks("a size that overflows 64 bits", "10000000000000005" + HELLO),
        chunks("a bare LF behind a size", "5\nhello\r\n0\r\n\r\n"),
        chunks("a bare CR behind a size", "5\rhello\r\n0\r\n\r\n"),
        chunks("a bare LF in an extension", "5;x\ny" + HELLO),
        chunks("a bare CR in an extension", "5;x\ry" + HELLO),
        chunks("an open quote in an extension", "5;x=\"y" + HELLO),
        chunks("NUL in an extension", "5;x\0" + HELLO),
        chunks("a bare LF behind the last size", "0\n\r\n"),
        behindOne("a bare LF behind a chunk", "\n0\r\n\r\n"),
        behindOne("a bare CR behind a chunk", "\r0\r\n\r\n"),
        behindOne("nothing behind a chunk", "0\r\n\r\n"),
        behindOne("more than the size in a chunk", "!\r\n0\r\n\r\n"),
        row("a size without end", TOO_LONG, "200", CHUNKED + "0".repeat(600) + "5" + HELLO),
        row("an extension without end", TOO_LONG, "200", CHUNKED + "5;" + LONG + HELLO),
        trailer("a trailer without a colon", part, "t"),
        trailer("a trailer whose name is no token", part, "(t): v"),
        trailer("a trailer with NUL", part, "t: a\0b"),
        trailer("a trailer without a name", "RFC 9110 section 5.1", ": v"),
        trailer("white space before a trailer's colon", "RFC 9112 section 5.1", "t : v"),
        trailer("white space before the first trailer", line, " t: v"),
        trailer("a bare LF behind a trailer", line, "t: v\nu: w"),
        trailer("white space in a trailer's name", "RFC 9112 section 5.1", "X y"),
        trailer("a trailer without end", TOO_LONG, "t: " + LONG));
  }

  static java.util.stream.Stream<Arguments> messages() {
    String form = "RFC 9112 section 4";
    String unasked = "RFC 9112 section 9.2";
    String none = "204\r\n";
    return java.util.stream.Stream.of(
        head(
            "a switch nobody asked for",
            "RFC 9110 section 15.2.2",
            "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        row("a body behind 204", form, "204", "HTTP/1.1 " + none + "\r\nab\r\n"),
        row(
            "chunks behind 204",
            form,
            "204",
            "HTTP/1.1 " + none + "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        row("a body behind 304", form, "304", "HTTP/1.1 304\r\ncontent-length: 2\r\n\r\nab\r\n"),
        row("a body behind 103", form, "103", "HTTP/1.1 103\r\ncontent-length: 2\r\n\r\nab\r\n"),
        row(
            "a body longer than its length",
            form,
            "200 a$",
            LINE + "content-length: 1\r\n\r\nab\r\n"),
        row("a response too many", unasked, "200 200 unsolicited", (LINE + EMPTY).repeat(3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"statusLines", "fields", "lengths", "bodies", "messages"})
  void whatIsMalformedEndsTheConnectionAndNamesItsRule(
      String what, String section, String before, String said) {
    Heard whole = Heard.of(said, said.length());
    Reason reason = whole.end().orElseThrow();
    if (section.equals(TOO_LONG)) {
      assertThat(reason).isEqualTo(new Reason.Limit(Reason.Bound.HEADER_BLOCK, HEADER_BLOCK));
    } else {
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.Protocol.class,
              protocol -> {
                assertThat(protocol.section()).as(protocol.rule()).isEqualTo(section);
                assertThat(protocol.rule()).matches("\\P{Cntrl}+").doesNotContain("Index");
              });
    }
    assertThat(whole.told()).isEqualTo(before);
    assertThat(Heard.of(said, 1)).isEqualTo(whole);
  }

  static java.util.stream.Stream<Arguments> allowed() {
    return java.util.stream.Stream.of(
        arguments("no phrase", "200", "HTTP/1.1 200\r\n" + EMPTY),
        arguments("a later minor version", "200", "HTTP/1.2 200 OK\r\n" + EMPTY),
        arguments("an unknown status", "799", "HTTP/1.1 799 Any\r\n" + EMPTY),
        arguments("a status below 100", "99", "HTTP/1.1 099 OK\r\n" + EMPTY),
        arguments("a status of zeros", "0", "HTTP/1.1 000\r\n" + EMPTY),
        arguments("empty lines first", "200", "\r\n\r\n" + LINE + EMPTY),
        arguments("a folded value", "200", LINE + "n: a\r\n\tb\r\n" + EMPTY),
        arguments("an empty value", "200", LINE + "n:\r\n" + EMPTY),
        arguments("a value beyond ASCII", "200", LINE + "n: \u00e9\r\n" + EMPTY),
        arguments("zeros before a length", "200 ab$", LINE + "content-length: 002\r\n\r\nab"),
        arguments(
            "one length twice",
            "200 ab$",
            LINE + "content-length: 2\r\ncontent-length: 2\r\n\r\nab"),
        arguments("one length twice in a list", "200 ab$", LINE + "content-length: 2, 2\r\n\r\nab"),
        arguments("a length behind 204", "204", "HTTP/1.1 204\r\ncontent-length: 5\r\n\r\n"),
        arguments("a length behind 304", "304", "HTTP/1.1 304\r\ncontent-length: 5\r\n\r\n"),
        arguments(
            "a coding in capitals", "200 $", LINE + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
        arguments(
            "an empty coding behind",
            "200 $",
            LINE + "transfer-encoding: chunked,\r\n\r\n0\r\n\r\n"),
        arguments(
            "an empty coding before",
            "200 $",
            LINE + "transfer-encoding: , chunked\r\n\r\n0\r\n\r\n"),
        arguments("blanks before a size", "200 hello$", CHUNKED + " \t5" + HELLO),
        arguments("blanks behind a size", "200 hello$", CHUNKED + "5 \t" + HELLO),
        arguments("NUL in a cookie", "200", LINE + "set-cookie: a=\0b\r\n" + EMPTY),
        arguments("zeros before a size", "200 hello$", CHUNKED + "0005" + HELLO),
        arguments("an extension", "200 hello$", CHUNKED + "5;x=\"y;z\"" + HELLO),
        arguments("an extension behind a space", "200 hello$", CHUNKED + "5 ;x" + HELLO),
        arguments("two zeros for the last", "200 $", CHUNKED + "00\r\n\r\n"),
        arguments("a folded trailer", "200 trailers", CHUNKED + "0\r\nt: a\r\n b\r\n\r\n"),
        arguments("a length in a trailer", "200 $", CHUNKED + "0\r\ncontent-length: 5\r\n\r\n"));
  }

  /** The connection stays, and its next response is the next request's. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("allowed")
  void whatIsAllowedGoesOn(String what, String told, String said) {
    String next = said + "HTTP/1.1 404 No\r\n" + EMPTY;
    Heard whole = Heard.of(next, next.length());
    assertThat(whole).isEqualTo(new Heard(told + " 404", Optional.empty()));
    assertThat(Heard.of(next, 1)).isEqualTo(whole);
  }

  /** What a connection with two requests was told, and why it ended. */
  private record Heard(String told, Optional<Reason> end) {

    /** What the server says comes so many octets at a time. */
    static Heard of(String said, int step) {
      Server server = new Server(Limits.DEFAULT.headerBlock(HEADER_BLOCK));
      Stream first = server.request("GET", "/1");
      Stream second = server.request("GET", "/2");
      for (int from = 0; from < said.length() && server.out.change() == null; from += step) {
        server.says(said.substring(from, Math.min(said.length(), from + step)));
      }
      StringBuilder told = new StringBuilder();
      StringBuilder body = new StringBuilder();
      Reason reason = null;
      while (server.out.hasNext()) {
        switch (server.out.next()) {
          case Response response -> tell(told, body, String.valueOf(response.status()));
          case Inform inform -> tell(told, body, String.valueOf(inform.status()));
          case Data data -> body.append(data.bytes().utf8()).append(data.fin() ? "$" : "");
          case Trailers trailers -> tell(told, body, "trailers");
          case Notice.Unsolicited unsolicited -> tell(told, body, "unsolicited");
          case Change.Close(var why) -> reason = why;
          case Object other -> throw new AssertionError(other);
        }
      }
      tell(told, body, "");
      finish(server, reason, first, second);
      return new Heard(told.toString().strip().replace("  ", " "), Optional.ofNullable(reason));
    }

    private static void tell(StringBuilder told, StringBuilder body, String what) {
      told.append(' ').append(body).append(body.isEmpty() ? "" : " ").append(what);
      body.setLength(0);
    }

    /**
     * The request that is being answered fails for the reason of the end; nothing more is heard.
     */
    private static void finish(
        Server server, @Nullable Reason reason, Stream first, Stream second) {
      var killed = server.end(reason == null ? new Reason.OwnerClosed() : reason).killed();
      assertThat(Server.refs(first, second)).containsAll(killed);
      for (var ref : killed) {
        StreamFailed failed = server.out.next(StreamFailed.class);
        assertThat(failed.stream()).isSameAs(ref);
        assertThat(reason).isNotNull();
        assertThat(failed.reason())
            .isEqualTo(ref == killed.getFirst() ? reason : new Reason.Unanswered(reason));
      }
      server.out.expectEnd();
    }
  }
}
