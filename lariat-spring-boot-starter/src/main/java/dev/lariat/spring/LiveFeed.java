package dev.lariat.spring;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import java.time.Duration;

/** A live connection of either kind. */
sealed interface LiveFeed {
  LiveRef ref();

  Iterable<Message> messages();

  long session();

  void rotate();

  void shutdown();

  void close();

  boolean awaitTermination(Duration timeout) throws InterruptedException;

  default boolean hasEnded() {
    try {
      return awaitTermination(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  record OfWebSocket(LiveWebSocket ref) implements LiveFeed {
    @Override
    public Iterable<Message> messages() {
      return ref.messages();
    }

    @Override
    public long session() {
      return ref.session();
    }

    @Override
    public void rotate() {
      ref.rotate();
    }

    @Override
    public void shutdown() {
      ref.shutdown();
    }

    @Override
    public void close() {
      ref.close();
    }

    @Override
    public boolean awaitTermination(Duration timeout) throws InterruptedException {
      return ref.awaitTermination(timeout);
    }
  }

  record OfEvents(LiveEvents ref) implements LiveFeed {
    @Override
    public Iterable<Message> messages() {
      return ref.messages();
    }

    @Override
    public long session() {
      return ref.session();
    }

    @Override
    public void rotate() {
      ref.rotate();
    }

    @Override
    public void shutdown() {
      ref.close(); // there is nothing to say good-bye with
    }

    @Override
    public void close() {
      ref.close();
    }

    @Override
    public boolean awaitTermination(Duration timeout) throws InterruptedException {
      return ref.awaitTermination(timeout);
    }
  }
}
