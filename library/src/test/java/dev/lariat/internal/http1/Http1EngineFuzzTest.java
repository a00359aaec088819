package dev.lariat.internal.http1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Limits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Whatever a server says ends each stream once, and names a reason where it breaks a rule. */
class Http1EngineFuzzTest {

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
