package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;

/**
 * Who stands at the near end of a {@link Lane} and is told what happens on it. All calls come on
 * the event loop. They stop with {@link Lane#end}.
 */
public interface Host {

  /** Bytes have come. The buffer is the caller's again when the call returns. */
  void received(ByteBuf bytes);

  /** The lane takes data again, or does not any more. */
  void writabilityChanged();

  /** The peer's side was cut off before the peer ended it; {@link #inputClosed} follows. */
  void inputCut();

  /** The peer has ended its side. */
  void inputClosed();

  /** This side has ended, as {@link Lane#endOutput} asked: all that was written is out. */
  void outputEnded();

  /** The lane is closed both ways. */
  void closed();

  /** The lane has ended both ways, for this reason. */
  void failed(Reason reason);

  /** The lane failed. */
  void broke(Throwable cause);
}
