package dev.lariat.internal.transport;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.socket.DuplexChannel;
import java.util.Map;

/**
 * A channel of bytes whose sides end one by one, with all that is the same whatever carries them.
 */
public abstract class HalfClosableChannel extends AbstractChannel implements DuplexChannel {
  private final Config config = new Config(this);

  /** Whether nothing more is read: the input has ended, or was ended here. */
  protected boolean inputShutdown;

  /** Whether nothing more is written. */
  protected boolean outputShutdown;

  /** Whether the pipeline wants what comes, as a selector's interest in reading would have it. */
  protected boolean interested;

  /** A channel without a parent. */
  protected HalfClosableChannel() {
    super(null);
  }

  @Override
  public final ChannelConfig config() {
    return config;
  }

  /** Whether the peer's end leaves this side open. */
  protected final boolean allowsHalfClosure() {
    return config.allowHalfClosure;
  }

  /** Whether it knows this option of a socket, which says nothing to it. */
  protected boolean ignores(ChannelOption<?> option) {
    return false;
  }

  /** Reading is not wanted for now. */
  protected void autoReadCleared() {
    interested = false;
  }

  @Override
  public final boolean isInputShutdown() {
    return inputShutdown || !isOpen();
  }

  @Override
  public final boolean isOutputShutdown() {
    return outputShutdown || !isOpen();
  }

  @Override
  public final boolean isShutdown() {
    return isInputShutdown() && isOutputShutdown();
  }

  @Override
  public final ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public final ChannelFuture shutdownInput(ChannelPromise promise) {
    inputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public final ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public final ChannelFuture shutdownOutput(ChannelPromise promise) {
    ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    return promise;
  }

  @Override
  public final ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public final ChannelFuture shutdown(ChannelPromise promise) {
    shutdownInput();
    return shutdownOutput(promise);
  }

  /** The options of every channel, and whether it may be half closed. */
  private static final class Config extends DefaultChannelConfig {
    private final HalfClosableChannel its;
    boolean allowHalfClosure;

    Config(HalfClosableChannel its) {
      super(its);
      this.its = its;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
      return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
      if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
        allowHalfClosure = (Boolean) value;
        return true;
      }
      return its.ignores(option) || super.setOption(option, value);
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
      its.autoReadCleared();
    }
  }
}
