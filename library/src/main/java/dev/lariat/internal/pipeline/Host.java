package dev.lariat.internal.pipeline;

/** What a pipeline reports to; all calls come on the event loop. */
public interface Host {

  /** A message of the pipeline's codec, or bytes. It is released when the call returns. */
  void received(Object message);

  /** The peer begins to say something that nothing was asked for; the first time that it does. */
  void unasked();

  /** The transport takes data again, or does not any more. */
  void writabilityChanged();

  /** TLS ends without the peer's {@code close_notify}; {@link #inputClosed} follows. */
  void inputCut();

  /** The peer has ended its side. */
  void inputClosed();

  /** The transport is closed both ways. */
  void closed();

  /** The transport or a codec failed. */
  void broke(Throwable cause);
}
