package dev.lariat.internal.pipeline;

import dev.lariat.option.Limits;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpDecoderConfig;

/** How a channel's pipeline looks for each protocol. */
public final class Pipelines {
  private static final int LARGEST_PART = 64 << 10; // of a body, in one message

  private Pipelines() {}

  /** HTTP/1.1: a codec, then the host, which receives {@code HttpObject}s. */
  public static void http1(Channel channel, Limits limits, Host host) {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.headerBlock())
            .setMaxHeaderSize(limits.headerBlock())
            .setMaxChunkSize(LARGEST_PART);
    channel.pipeline().addLast(new HttpCodec(config), new HostHandler(host));
  }

  /** Bytes: the host alone, which receives buffers. */
  public static void raw(Channel channel, Host host) {
    channel.pipeline().addLast(new HostHandler(host));
  }

  /** Bytes from now on: those that the codec has read ahead come first, during this call. */
  public static void bytes(Channel channel) {
    channel.pipeline().remove(HttpCodec.class);
  }

  /** Keeps from the host whatever else happens on the channel. */
  public static void letGo(Channel channel) {
    HostHandler handler = channel.pipeline().get(HostHandler.class);
    if (handler != null) {
      handler.letGo();
    }
  }
}
