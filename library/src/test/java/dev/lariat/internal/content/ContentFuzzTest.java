package dev.lariat.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.content.Coded.Told;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import java.util.Arrays;
import java.util.List;

class ContentFuzzTest {
  private static final Limits LIMITS = Limits.DEFAULT.decompressed(1 << 20).event(1000);

  /** Whatever a server sends is read the same in every cut, or fails the same. */
  @FuzzTest(maxDuration = "3m")
  void decompressed(byte[] input) {
    if (input.length < 2) {
      return;
    }
    String[] codings = {"gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, br"};
    Coded whole =
        Coded.body(
            codings[(input[0] & 0xff) % codings.length],
            Arrays.copyOfRange(input, 2, input.length));
    Told told = whole.told(LIMITS);
    Told cut = whole.cut(1 + (input[1] & 0xff)).told(LIMITS);
    assertThat(cut.failure() == null).isEqualTo(told.failure() == null);
    if (told.failure() == null) {
      assertThat(cut.bytes()).isEqualTo(told.bytes());
    } else {
      assertThat(told.failure()).isInstanceOfAny(Reason.Protocol.class, Reason.Limit.class);
      assertThat(cut.failure()).isInstanceOfAny(Reason.Protocol.class, Reason.Limit.class);
    }
  }

  /** The whole chain ends with one message. */
  @FuzzTest(maxDuration = "3m")
  void compressedEvents(byte[] input) {
    Coded body =
        new Coded(
            Headers.of("content-type", "text/event-stream", "content-encoding", "gzip"), input);
    List<Message> messages = body.messages(Content.EVENTS.decompress(true), LIMITS);
    if (messages.getLast() instanceof StreamFailed failed) {
      assertThat(failed.reason()).isInstanceOfAny(Reason.Protocol.class, Reason.Limit.class);
    }
  }
}
