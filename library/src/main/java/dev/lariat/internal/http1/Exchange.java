package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that was written, and its response that is awaited or arriving. */
final class Exchange {
  final Stream stream;
  final @Nullable RequestUri uri; // for cookies, where there are any
  final boolean head; // a response to HEAD has no body, whatever its headers say

  /** The upgrade that was asked for; null for a plain request, and once it is refused. */
  @Nullable PendingUpgrade upgrade;

  Exchange(
      Stream stream, @Nullable RequestUri uri, boolean head, @Nullable PendingUpgrade upgrade) {
    this.stream = stream;
    this.uri = uri;
    this.head = head;
    this.upgrade = upgrade;
  }

  /** A WebSocket that the server has not answered yet. */
  static final class PendingUpgrade {
    final Handshake handshake;
    long deadline = Engine.NEVER; // counts once its answer is the next
    final List<Command.OfStream> early =
        new ArrayList<>(0); // of an owner that does not wait for the answer
    WebSocketOptions options;

    PendingUpgrade(Handshake handshake, WebSocketOptions options) {
      this.handshake = handshake;
      this.options = options;
    }
  }
}
