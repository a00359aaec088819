package dev.lariat.internal.http1;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A request that was written, and its response that is awaited or arriving. */
final class Exchange {
  final Stream stream;
  final boolean head; // a response to HEAD has no body, whatever its headers say

  /** The upgrade that was asked for; null for a plain request, and once it is refused. */
  @Nullable PendingUpgrade upgrade;

  Exchange(Stream stream, boolean head, @Nullable PendingUpgrade upgrade) {
    this.stream = stream;
    this.head = head;
    this.upgrade = upgrade;
  }

  /** A WebSocket that the server has not answered yet. */
  static final class PendingUpgrade {
    final Handshake handshake;
    long deadline = Engine.NEVER; // counts once its answer is the next

    /** What an owner sends without waiting for the answer; the gates bound how much it is. */
    final Deque<Command.OfStream> early = new ArrayDeque<>(0);

    WebSocketOptions options; // and what was asked for since, which needs no room

    PendingUpgrade(Handshake handshake, WebSocketOptions options) {
      this.handshake = handshake;
      this.options = options;
    }

    void credit(long more) {
      long sum = options.credit() + more;
      options = options.credit(sum < 0 ? WebSocketOptions.UNLIMITED : sum);
    }

    void keepalive(Keepalive keepalive) {
      options = options.keepalive(keepalive);
    }

    /** Forgets a message whose further parts do not come. */
    void giveUp(Outgoing message, Reason reason, Out out) {
      message.lose(reason);
      Engine.refuseAll(early, command -> command.isPartOf(message), reason, reason, out);
    }
  }
}
