package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Whatever a server says ends each stream once, and names a reason where it breaks a rule. */
class Http1EngineFuzzTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @FuzzTest(maxDuration = "3m")
  void response(byte[] input) {
    Random random = new Random(Arrays.hashCode(input));
    Server server = new Server(Limits.DEFAULT.headerBlock(1024));
    server.request("GET", "/1");
    server.request("HEAD", "/2");
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    server.request("POST", "/held");
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int from = 0;
    while (from < text.length() && server.out.change() == null) {
      int to = Math.min(text.length(), from + 1 + random.nextInt(64));
      server.says(text.substring(from, to));
      from = to;
    }
    end(server);
  }

  /** What the server says, cut by zero bytes; what the owner does in between, by what is cut. */
  @FuzzTest(maxDuration = "3m")
  void conversation(byte[] input) {
    Server server = new Server(Limits.DEFAULT.headerBlock(1024).heldCommands(4).discarded(64));
    List<Stream> streams = new ArrayList<>();
    Random random = new Random(Arrays.hashCode(input));
    act(server, streams, random);
    StringBuilder said = new StringBuilder();
    for (byte octet : input) {
      if (server.out.change() != null) {
        break;
      }
      if (octet == 0) {
        server.says(said.toString());
        said.setLength(0);
        act(server, streams, random);
      } else {
        said.append((char) (octet & 0xff));
      }
    }
    if (server.out.change() == null) {
      server.says(said.toString());
    }
    end(server);
  }

  /** What is said and what is done, both by the input. */
  @FuzzTest(maxDuration = "3m")
  void script(byte[] input) {
    new Script(input).play();
  }

  /** However the server's words are cut, they tell the same. */
  @FuzzTest(maxDuration = "3m")
  void cuts(byte[] input) {
    String said = new String(input, StandardCharsets.ISO_8859_1);
    Transcript whole = Transcript.of(said, said.length());
    for (int piece : new int[] {1, 7}) {
      assertThat(Transcript.of(said, piece)).isEqualTo(whole);
    }
  }

  private static void act(Server server, List<Stream> streams, Random random) {
    for (int i = random.nextInt(4); i >= 0 && server.out.change() == null; i--) {
      Request put = Request.of("PUT", "/").credit(random.nextInt(3));
      Stream any = streams.isEmpty() ? null : streams.get(random.nextInt(streams.size()));
      switch (random.nextInt(10)) {
        case 0 -> {
          Content content = new Content(random.nextBoolean(), random.nextBoolean(), List.of());
          Request get = Request.of("GET", "/").content(content).credit(random.nextInt(3));
          streams.add(server.request(get));
        }
        case 1 -> streams.add(server.headers(put));
        case 2 -> streams.add(server.headers(put.expectContinue(SECOND)));
        case 3 -> streams.add(server.request(put.body(Bytes.ofUtf8("b")).expectContinue(SECOND)));
        case 4 -> server.passes(Duration.ofSeconds(random.nextInt(20)));
        case 5 -> server.writable(random.nextBoolean());
        case 6, 7 -> {
          if (any != null) {
            Headers none = Headers.EMPTY;
            server.data(any, "x".repeat(random.nextInt(5)), random.nextBoolean(), none, null);
          }
        }
        case 8 -> {
          if (any != null) {
            server.cancel(any);
          }
        }
        default -> {
          if (any != null) {
            server.engine.command(new Command.Credit(any, 1), server.out.at(server.now));
          }
        }
      }
    }
  }

  private static void end(Server server) {
    if (server.out.change() == null) {
      server.hangsUp();
    }
    Reason reason =
        server.out.change() instanceof Change.Close(var why) ? why : new Reason.Closed();
    server.end(reason);
    server.out.discard();
    server.out.expectEnd();
  }
}
