package dev.lariat.internal.pipeline;

import io.netty.channel.Channel;

/** How a channel's pipeline ends. */
public final class Pipelines {
  private Pipelines() {}

  /** The host at the end of the channel, which receives bytes. */
  public static void end(Channel channel, Host host) {
    channel.pipeline().addLast(new HostHandler(host));
  }

  /** Keeps from the host whatever else happens on the channel. */
  public static void letGo(Channel channel) {
    HostHandler handler = channel.pipeline().get(HostHandler.class);
    if (handler != null) {
      handler.letGo();
    }
  }
}
