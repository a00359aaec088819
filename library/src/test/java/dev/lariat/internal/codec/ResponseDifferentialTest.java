package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Words of servers that were damaged at random, read by this decoder and by Netty's: what both take
 * whole, they read in the same way, and what only one of them takes is on a list.
 */
class ResponseDifferentialTest {
  private static final int ROUNDS = 20_000;

  private static final List<String> SAID =
      List.of(
          "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 204 No\r\nn: v\r\n\r\n",
          "HTTP/1.1 200 OK\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n"
              + "5;x=y\r\n"
              + "hello\r\n"
              + "0\r\n"
              + "t: u\r\n\r\n",
          "\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 304 Not\r\ncontent-length: 5\r\n\r\n",
          "HTTP/1.0 404 Not Found\r\nserver: a b\r\n\tc\r\nset-cookie: a=b; Path=/\r\n\r\nbody",
          "HTTP/1.1 500\r\nconnection: close\r\ncontent-length: 10, 10\r\n\r\n0123456789");

  private static final List<String> PIECES =
      List.of(
          " ",
          "\t",
          "\r",
          "\n",
          "\r\n",
          "\r\n ",
          ":",
          ",",
          ";",
          "\"",
          "\0",
          "\u007f",
          "\u00e9",
          "0",
          "1",
          "5",
          "a",
          "f",
          "x",
          "chunked",
          ", chunked",
          "content-length: 5\r\n",
          "transfer-encoding: chunked\r\n",
          "HTTP/1.1 200 OK\r\n\r\n");

  /** What Netty refuses and this decoder takes, in Netty's words: it is meant. */
  private static final List<String> ONLY_OURS =
      List.of(
          "Multiple Content-Length values found", // equal ones
          "Content-Length are not allowed", // beside a coding
          "Validation failed for header", // folded behind an empty first line; a cookie's
          "Invalid character in chunk size", // blanks around it
          "bitIndex", // Netty's words for an octet above 0x7f
          "Invalid chunk size",
          "Invalid chunk extension", // whose words nobody knows here
          "The Transfer-Encoding header is only allowed in HTTP/1.1", // if there is no body
          "Content-Length value is not a number"); // a list of equal ones

  /** What this decoder refuses and Netty takes, by the rule: it is meant. */
  private static final List<String> ONLY_NETTYS =
      List.of(
          "half of a line end", // Netty passes over any
          "white space precedes the status line",
          "the response does not begin with HTTP/",
          "the response has the version", // the engine refused it
          "the status code does not follow a single space",
          "no space follows the status code",
          "the status code is not of three digits",
          "has white space in its name",
          "a trailer has no", // colon: Netty takes the line for a name
          "is not a token", // Netty waits for the end of the block
          "the size of a chunk is not a hexadecimal number", // or for that of the line
          "continues on a second line", // Netty unfolds a length
          "the response has a transfer coding that was not asked for", // the engine refused it
          "contains a bare CR", // Netty takes it in a line that is folded, and in trailers
          "contains a control character", // as well
          "the extension of a chunk is malformed");

  @Test
  void whatBothTakeTheyReadInTheSameWay() {
    Random random = new Random(20_261_129);
    int same = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String said = damaged(random);
      Responded ours = Responded.of(said, false, false, said.length());
      Nettys nettys = Nettys.of(said);
      String what = said.replace("\r", "\\r").replace("\n", "\\n");
      if (ours.refused().isEmpty() && nettys.refused.isEmpty()) {
        boolean hidden = nettys.hidesCoding && said.toLowerCase(Locale.ROOT).contains("transfer-");
        assertThat(hidden || nettys.told.equals(plain(ours.told())))
            .as(what + " | " + nettys.told + " | " + ours.told())
            .isTrue();
        same++;
      } else if (ours.refused().isEmpty()) {
        if (!nettys.refused.equals(Nettys.CUT_SHORT)) {
          assertThat(ONLY_OURS)
              .as(what + " | " + nettys.refused)
              .anyMatch(nettys.refused::contains);
        }
      } else if (nettys.refused.isEmpty()) {
        assertThat(ONLY_NETTYS)
            .as(what + " | " + ours.refused())
            .anyMatch(ours.refused()::contains);
      }
    }
    assertThat(same).as("how many both took").isGreaterThan(ROUNDS / 20);
  }

  /** Words that switch to no other protocol. */
  private static String damaged(Random random) {
    StringBuilder said = new StringBuilder(SAID.get(random.nextInt(SAID.size())));
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(said.length());
      switch (random.nextInt(3)) {
        case 0 -> said.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 1 -> said.deleteCharAt(at);
        default -> said.replace(at, at + 1, PIECES.get(random.nextInt(PIECES.size())));
      }
    }
    return said.toString().replace(" 101 ", " 102 ");
  }

  /** Without what only this decoder tells, and with one space for each blank. */
  private static List<String> plain(List<String> told) {
    return told.stream()
        .map(
            line ->
                blanks(line.replaceFirst("\\} last$", "}").replaceFirst("\\} \\$( last)?$", "}")))
        .toList();
  }

  /** With one space for each blank, and none at the end of a value. */
  private static String blanks(String line) {
    return line.replaceAll("[ \t]+", " ").replaceAll(" (?=[,}])", "");
  }

  /** What Netty's decoder makes of it. */
  private static final class Nettys {
    static final String CUT_SHORT = "cut short";

    private final List<String> told = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private String refused = "";
    private boolean empty; // the response has no body
    private boolean hidesCoding; // of a response that has none for that reason

    static Nettys of(String said) {
      Nettys nettys = new Nettys();
      EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseDecoder());
      channel.writeInbound(Responded.buffer(said));
      channel.finish();
      for (Object each = channel.readInbound(); each != null; each = channel.readInbound()) {
        if (each instanceof HttpObject part) { // not what follows a switch to another protocol
          nettys.take(part);
        }
        ReferenceCountUtil.release(each);
      }
      if (!nettys.body.isEmpty()) {
        nettys.told.add(blanks(nettys.body.toString()));
      }
      return nettys;
    }

    private void take(HttpObject part) {
      if (!refused.isEmpty()) {
        return;
      }
      if (part.decoderResult().isFailure()) {
        Throwable cause = part.decoderResult().cause();
        refused =
            cause instanceof io.netty.handler.codec.PrematureChannelClosureException
                ? CUT_SHORT
                : String.valueOf(cause.getMessage());
        return;
      }
      if (part instanceof HttpResponse response) {
        int status = response.status().code();
        empty =
            status >= 100 && status < 200
                || status == 204
                || status == 304
                || "0".equals(response.headers().get("content-length"));
        hidesCoding |= status < 200 || status == 204 || status == 304;
        told.add(blanks(status + " " + shown(response.headers())));
      }
      if (part instanceof HttpContent content) {
        ByteBuf bytes = content.content();
        body.append(bytes.toString(StandardCharsets.ISO_8859_1));
      }
      if (part instanceof LastHttpContent last) {
        boolean trailers = !last.trailingHeaders().isEmpty();
        if (!empty && (!trailers || !body.isEmpty())) {
          told.add(blanks(body + (trailers ? "" : "$")));
        }
        if (trailers) {
          told.add(blanks("trailers " + shown(last.trailingHeaders())));
        }
        body.setLength(0);
      }
    }

    private static String shown(HttpHeaders headers) {
      List<String> fields = new ArrayList<>();
      for (Map.Entry<String, String> field : headers) {
        fields.add(field.getKey().toLowerCase(Locale.ROOT) + ": " + field.getValue().strip());
      }
      return "{" + String.join(", ", fields) + "}";
    }
  }
}
