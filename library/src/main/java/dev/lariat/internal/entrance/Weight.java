package dev.lariat.internal.entrance;

import dev.lariat.Exchange;
import dev.lariat.message.Binary;
import dev.lariat.message.Data;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Push;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Trailers;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;

/**
 * What of a message a peer may make as large, and send as often, as it likes: bytes, and characters
 * of text. What handlers of the user's make counts nothing, since nobody knows its size.
 */
public final class Weight {
  private Weight() {}

  /** That of the first messages of a batch. */
  public static long of(Message[] batch, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += of(batch[i]);
    }
    return sum;
  }

  /** That of one. */
  public static int of(
      Message message) { // no switch: those of patterns are slow, and this is asked often
    if (message instanceof WebSocketFrame whole) {
      return of(whole.frame());
    }
    if (message instanceof Data data) {
      return data.bytes().size();
    }
    if (message instanceof WebSocketPart part) {
      return of(part.data());
    }
    if (message instanceof ServerSentEvent event) {
      return event.data().length();
    }
    if (message instanceof Inform inform) {
      return of(inform.headers());
    }
    if (message instanceof Response response) {
      return isPushed(response) ? of(response.headers()) : 0;
    }
    if (message instanceof Push push) {
      return push.uri().length() + of(push.headers());
    }
    return message instanceof Trailers trailers && isPushed(trailers) ? of(trailers.headers()) : 0;
  }

  /** Whether a server sends it without a request, as often as it likes. */
  private static boolean isPushed(Message.OfStream message) {
    return message.stream() instanceof Exchange exchange && Core.get().isPushed(exchange);
  }

  private static int of(Frame frame) {
    if (frame instanceof Text text) {
      return text.text().length();
    }
    if (frame instanceof Binary binary) {
      return binary.bytes().size();
    }
    return 0; // a control frame, which is small
  }

  private static int of(Headers headers) {
    int sum = 0;
    for (Headers.Field field : headers) {
      sum += field.name().length() + field.value().length();
    }
    return sum;
  }
}
