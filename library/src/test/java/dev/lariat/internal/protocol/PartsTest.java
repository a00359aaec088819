package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartsTest {
  private final Recorder out = new Recorder(Unpooled.buffer());
  private final Stream stream = out.stream("body");
  private final Parts parts = new Parts();

  private Command.Data data(String text, boolean last, @Nullable Fate fate) {
    Command.Data data = new Command.Data(stream, Bytes.ofUtf8(text).asByteBuffer(), last, fate);
    Recorder.gate(stream).waiting += data.bytes();
    return data;
  }

  private String written() {
    return new String(out.written(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void partsAreWrittenInOrderAndTheLastOneEndsThem() throws IOException {
    Followed fate = new Followed();
    assertThat(parts.add(data("ab", false, null))).isTrue();
    assertThat(parts.add(data("", false, null))).isTrue();
    assertThat(parts.drain(Parts.Form.PLAIN, out)).isFalse();
    assertThat(parts.isEmpty()).isTrue();
    assertThat(parts.add(data("cd", true, fate))).isTrue();
    assertThat(parts.drain(Parts.Form.PLAIN, out)).isTrue();
    assertThat(written()).isEqualTo("abcd");
    assertThat(fate.isWritten()).isTrue();
    assertThat(Recorder.gate(stream).waiting).isZero();
    assertThat(parts.drain(Parts.Form.PLAIN, out)).isFalse();
    out.expectEnd();
  }

  @Test
  void nothingFollowsTheLastPartWrittenOrNot() throws IOException {
    parts.add(data("last", true, null));
    Command.Data late = new Command.Data(stream, ByteBuffer.allocate(1), false, null);
    assertThat(parts.add(late)).isFalse();
    parts.drain(Parts.Form.PLAIN, out);
    assertThat(parts.add(late)).isFalse();
    assertThat(written()).isEqualTo("last");
    out.expectEnd();
  }

  @Test
  void theLaneIsAskedBeforeEachPiece() throws IOException {
    parts.add(data("x".repeat((64 << 10) + 1), true, null));
    out.writableTimes = 1;
    assertThat(parts.drain(Parts.Form.PLAIN, out)).isFalse();
    assertThat(written()).hasSize(64 << 10);
    assertThat(Recorder.gate(stream).waiting).as("of the whole part").isPositive();
    out.writableTimes = 1;
    assertThat(parts.drain(Parts.Form.PLAIN, out)).isTrue();
    assertThat(written()).hasSize(1);
    out.expectEnd();
  }

  @Test
  void aFormFramesThePiecesAndTheEnd() throws IOException {
    Parts.Form framed =
        new Parts.Form() {
          @Override
          public void data(ByteBuffer piece, boolean ends, Out out) {
            out.room(1).writeByte('[');
            Parts.Form.super.data(piece, ends, out);
            out.room(1).writeByte(']');
          }

          @Override
          public void end(Command.OfBody last, Out out) {
            out.room(1).writeByte('.');
          }
        };
    parts.add(data("a", false, null));
    parts.add(data("b", false, null));
    parts.add(data("", true, null));
    assertThat(parts.drain(framed, out)).isTrue();
    assertThat(written()).isEqualTo("[a][b].");
    out.expectEnd();
  }

  @Test
  void whatIsRemovedIsWhatIsNotWhollyWritten() throws IOException {
    parts.add(data("written", false, null));
    Command.Data half = data("x".repeat((64 << 10) + 1), false, null);
    Command.Data waits = data("y", true, null);
    parts.add(half);
    parts.add(waits);
    out.writableTimes = 2;
    parts.drain(Parts.Form.PLAIN, out);
    assertThat(parts.removeAll()).containsExactly(half, waits);
    assertThat(parts.removeAll()).isEmpty();
    written();
    for (Command.Data unwritten : new Command.Data[] {half, waits}) {
      Recorder.gate(stream).left(unwritten.bytes());
    }
    Refusals.fail(stream, new Reason.Closed(), out);
    out.expect(new StreamFailed(stream.ref(), new Reason.Closed()));
    out.expectEnd();
  }
}
