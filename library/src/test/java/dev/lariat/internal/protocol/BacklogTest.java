package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private final Backlog backlog = new Backlog();

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private String kept() {
    return backlog.bytes().toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void bytesAreCopiedInOrder() {
    ByteBuf first = bytes("-ab");
    first.skipBytes(1);
    backlog.keep(first);
    assertThat(first.isReadable()).isFalse();
    assertThat(first.release()).as("it is its giver's").isTrue();
    backlog.keep(bytes("cd"));
    assertThat(kept()).isEqualTo("abcd");
    backlog.bytes().skipBytes(3);
    backlog.keep(bytes("e"));
    assertThat(kept()).isEqualTo("de");
  }

  @Test
  void whatIsReadCountsAsKeptUntilItIsReleased() {
    assertThat(backlog.isEmpty()).isTrue();
    assertThat(backlog.bytes().isReadable()).isFalse();
    backlog.keep(bytes("a"));
    ByteBuf kept = backlog.bytes().skipBytes(1);
    assertThat(backlog.isEmpty()).isFalse();
    backlog.release();
    backlog.release();
    assertThat(kept.refCnt()).isZero();
    assertThat(backlog.isEmpty()).isTrue();
    assertThat(kept()).isEmpty();
  }
}
