package dev.lariat.internal.protocol;

import dev.lariat.event.Event.FrameReceiveEnd;
import dev.lariat.event.Event.FrameReceiveHeader;
import dev.lariat.event.Event.FrameReceiveStart;
import dev.lariat.event.Event.FrameSendEnd;
import dev.lariat.event.Event.FrameSendStart;
import dev.lariat.event.FrameType;
import dev.lariat.internal.codec.FrameDecoder;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the listeners are told of one WebSocket's frames. */
public final class FrameObserver implements FrameDecoder.Tap {
  private final Observer observer;
  private final StreamRef stream;

  // of the frame that arrives
  private boolean arriving;
  private long arrivingSince;
  private @Nullable FrameType type;
  private boolean fin;
  private long bytes;

  FrameObserver(Observer observer, StreamRef stream) {
    this.observer = observer;
    this.stream = stream;
  }

  @Override
  public void started() {
    arriving = true;
    arrivingSince = observer.now();
    type = null;
    fin = false;
    bytes = 0;
    observer.emit(new FrameReceiveStart(stream));
  }

  @Override
  public void header(FrameType type, boolean fin, boolean compressed, long bytes) {
    this.type = type;
    this.fin = fin;
    this.bytes = bytes;
    observer.emit(new FrameReceiveHeader(stream, type, fin, compressed, bytes));
  }

  @Override
  public void ended() {
    received(Optional.empty());
  }

  /** No more comes of the frame that arrives, if one does. */
  void cut(Reason reason) {
    if (arriving) {
      received(Optional.of(reason));
    }
  }

  private void received(Optional<Reason> failure) {
    arriving = false;
    observer.emit(
        new FrameReceiveEnd(
            stream, Optional.ofNullable(type), fin, bytes, failure, observer.since(arrivingSince)));
  }

  /** Tells that a whole frame is written, by this. */
  public void sends(Frame frame, boolean compressed, int size, Runnable write) {
    FrameType type =
        switch (frame) {
          case Text text -> FrameType.TEXT;
          case Binary binary -> FrameType.BINARY;
          case Ping ping -> FrameType.PING;
          case Pong pong -> FrameType.PONG;
          case Close close -> FrameType.CLOSE;
        };
    sends(type, true, compressed, size, write);
  }

  /** Tells that a frame is written, by this. */
  public void sends(FrameType type, boolean fin, boolean compressed, int size, Runnable write) {
    long before = observer.now();
    observer.emit(new FrameSendStart(stream, type, fin, compressed, size));
    write.run();
    observer.emit(new FrameSendEnd(stream, type, fin, size, observer.since(before)));
  }
}
