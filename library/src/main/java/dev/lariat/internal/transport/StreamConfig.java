package dev.lariat.internal.transport;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Map;

/** The configuration of a {@link StreamChannel}: whether the peer's end ends the channel. */
final class StreamConfig extends DefaultChannelConfig {
  boolean allowHalfClosure;

  StreamConfig(StreamChannel channel) {
    super(channel);
  }

  @Override
  public Map<ChannelOption<?>, Object> getOptions() {
    return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option != ChannelOption.ALLOW_HALF_CLOSURE) {
      return super.setOption(option, value);
    }
    allowHalfClosure = (Boolean) value;
    return true;
  }

  @Override
  @SuppressWarnings("unchecked") // the option says which type it has
  public <T> T getOption(ChannelOption<T> option) {
    return option == ChannelOption.ALLOW_HALF_CLOSURE
        ? (T) Boolean.valueOf(allowHalfClosure)
        : super.getOption(option);
  }

  @Override
  protected void autoReadCleared() {
    ((StreamChannel) channel).interested = false;
  }
}
