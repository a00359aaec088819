package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Trailers;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** One conversation in every cut: bodies that follow, pipelined responses, credit. */
class ConversationTest {
  private static final String SAID =
      "HTTP/1.1 100 Continue\r\n\r\n"
          + "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
          + "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nt: u\r\n\r\n"
          + "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
          + "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\n"
          + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhijklm"
          + "HTTP/1.1 404 No\r\ncontent-length: 4\r\nconnection: close\r\n\r\nlast";

  @Property(tries = 500)
  void isTheSameHoweverItIsCutAndWhateverTheCreditIs(@ForAll long seed) {
    Random random = new Random(seed);
    Server server = new Server();
    List<Stream> streams = new ArrayList<>();
    Request put = Request.of("PUT", "/").credit(random.nextInt(2));
    streams.add(server.headers(put.expectContinue(Duration.ofSeconds(1))));
    streams.add(server.request("HEAD", "/"));
    streams.add(server.request("DELETE", "/"));
    streams.add(server.request(Request.of("GET", "/").credit(random.nextInt(2))));
    streams.add(server.request(Request.of("GET", "/last").credit(random.nextInt(2))));
    int parts = 3;
    int from = 0;
    while (from < SAID.length() || parts > 0) {
      if (parts > 0 && random.nextInt(4) == 0) {
        server.data(streams.getFirst(), "part", --parts == 0);
      }
      // the server answers what it has read: the others wait behind the body
      int limit = parts > 0 ? SAID.indexOf("HTTP/1.1 200 OK\r\ncontent-length: 9") : SAID.length();
      int to = Math.min(limit, from + 1 + random.nextInt(20));
      if (to > from) {
        server.says(SAID.substring(from, to));
        from = to;
      }
      credit(server, streams.get(random.nextInt(streams.size())));
    }
    while (server.out.change() == null) {
      streams.forEach(stream -> credit(server, stream));
    }
    assertThat(server.reads())
        .containsSubsequence("4\r\npart", "4\r\npart", "4\r\npart", "0\r\n\r\nHEAD / ");
    assertThat(transcript(server, streams))
        .containsExactly(
            "0 Inform",
            "0 Response",
            "0 abcdefg",
            "0 Trailers",
            "1 Response",
            "2 Inform",
            "2 Response",
            "3 Response",
            "3 hijklm",
            "4 Response",
            "4 last");
    assertThat(server.end(new Reason.Closed()).killed()).isEmpty();
    server.out.expectEnd();
  }

  private static void credit(Server server, Stream stream) {
    server.engine.command(new Command.Credit(stream, 1), server.out.at(server.now));
  }

  /** Who was told what, in order, with the parts of a body joined. */
  private static List<String> transcript(Server server, List<Stream> streams) {
    List<String> lines = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    while (server.out.next() instanceof Message.OfStream message) {
      int index = streams.stream().map(Stream::ref).toList().indexOf(message.stream());
      if (message instanceof Data data) {
        body.append(data.bytes().utf8());
      }
      if (!body.isEmpty() && (message.ends() || message instanceof Trailers)) {
        lines.add(index + " " + body);
        body.setLength(0);
      }
      if (!(message instanceof Data)) {
        lines.add(index + " " + message.getClass().getSimpleName());
      }
    }
    return lines;
  }
}
