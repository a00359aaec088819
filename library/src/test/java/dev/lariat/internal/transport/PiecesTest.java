package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.SentFile;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PiecesTest {
  @TempDir private Path folder;

  @Test
  void aPieceThatWaitsKeepsItsFileOpenThoughItsSenderGaveItUp() throws Exception {
    FileChannel channel = FileChannel.open(Files.writeString(folder.resolve("file"), "abcdef"));
    SentFile file = new SentFile(channel);
    EmbeddedChannel socket = new EmbeddedChannel();
    Object first = Pieces.of(file, 0, 3, socket);
    Object second = Pieces.of(file, 3, 3, socket);
    ReferenceCountUtil.release(first);
    file.letGo();
    assertThat(channel.isOpen()).isTrue();
    ReferenceCountUtil.release(second);
    assertThat(channel.isOpen()).isFalse();
    socket.close();
  }

  @Test
  void aFileOfWhichNothingWasReadIsClosedByItsSender() throws Exception {
    FileChannel channel = FileChannel.open(Files.writeString(folder.resolve("file"), "abc"));
    new SentFile(channel).letGo();
    assertThat(channel.isOpen()).isFalse();
  }
}
