package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which buffer a channel reads into. */
@SuppressWarnings("deprecation") // the type of the handles, as Netty declares them
class ReadBuffersTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Loop loop = new Loop(channel.eventLoop(), new SecureRandom());
  private final ReadBuffers buffers = new ReadBuffers();

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private boolean readsIntoTheLoops(Handle handle) {
    ByteBuf buffer = handle.allocate(channel.alloc());
    buffer.release();
    ByteBuf common = loop.readBuffer();
    common.release();
    return buffer == common;
  }

  @Test
  void a_channel_reads_into_its_own_buffers() {
    Handle handle = buffers.newHandle();
    handle.reset(channel.config());
    assertThat(readsIntoTheLoops(handle)).isFalse();
  }

  @Test
  void a_channel_to_which_the_loops_buffer_is_lent_reads_into_that() {
    buffers.lend(loop);
    Handle handle = buffers.newHandle();
    handle.reset(channel.config());
    assertThat(readsIntoTheLoops(handle)).isTrue();
  }

  @Test
  void
      a_channel_that_has_read_the_answer_of_a_proxy_turns_to_the_loops_buffer_with_its_next_turn() {
    Handle handle = buffers.newHandle();
    handle.reset(channel.config());
    assertThat(readsIntoTheLoops(handle)).isFalse();
    buffers.lend(loop); // by the end of the answer, in the middle of a turn
    assertThat(readsIntoTheLoops(handle)).isFalse();
    handle.reset(channel.config());
    assertThat(readsIntoTheLoops(handle)).isTrue();
  }
}
