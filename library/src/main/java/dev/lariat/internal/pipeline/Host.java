package dev.lariat.internal.pipeline;

import io.netty.buffer.ByteBuf;

/** What a pipeline reports to; all calls come on the event loop. */
public interface Host {

  /** Bytes have come. The buffer is released when the call returns. */
  void received(ByteBuf bytes);

  /** The transport takes data again, or does not any more. */
  void writabilityChanged();

  /** TLS ends without the peer's {@code close_notify}; {@link #inputClosed} follows. */
  void inputCut();

  /** The peer has ended its side. */
  void inputClosed();

  /** The transport is closed both ways. */
  void closed();

  /** The transport failed. */
  void broke(Throwable cause);
}
