package dev.lariat.cli;

import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A live WebSocket in the hands of {@code ws}: what it brings, and what it takes. */
interface Wire {

  /** Waits for what happens next. */
  Message take() throws InterruptedException;

  /** Sends a message; blocks while it must wait for room. */
  Delivery deliver(Frame frame);

  /** Straight to the live WebSocket, which has its own mailbox. */
  static Wire of(LiveWebSocket live) {
    return new Wire() {
      @Override
      public Message take() throws InterruptedException {
        return live.mailbox().take();
      }

      @Override
      public Delivery deliver(Frame frame) {
        return live.deliver(frame);
      }
    };
  }

  /**
   * Past a recorder. The tape is written on the event loop, which waits for it, so little gathers
   * here.
   */
  final class Recorded implements Wire, Receiver {
    private final Recorder recorder;
    private final boolean waits;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    /**
     * Nothing has passed yet.
     *
     * @param waits whether to wait for the fate of each message: where there may be more of them
     *     than the outbox has room for
     */
    Recorded(Recorder recorder, boolean waits) {
      this.recorder = recorder;
      this.waits = waits;
    }

    @Override
    public void receive(Message message) {
      recorder.receive(message);
      messages.add(message);
    }

    @Override
    public Message take() throws InterruptedException {
      return messages.take();
    }

    @Override
    public Delivery deliver(Frame frame) {
      Delivery delivery = recorder.deliver(frame);
      if (waits) {
        delivery.settled().join();
      }
      return delivery;
    }
  }
}
