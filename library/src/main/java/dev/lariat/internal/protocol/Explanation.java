package dev.lariat.internal.protocol;

import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import java.io.ByteArrayOutputStream;

/**
 * The beginning of the body of a response that refuses something: as much as its reason carries.
 */
public final class Explanation {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);

  /**
   * Takes the next message of the stream.
   *
   * @return whether no more is wanted, or comes
   */
  public boolean isCompleteWith(Message message) {
    if (message instanceof Data data) {
      int room = Reason.Status.MOST_OF_BODY - body.size();
      byte[] part = data.bytes().toArray();
      body.write(part, 0, Math.min(room, part.length));
    }
    boolean ends = message instanceof Message.OfStream part && part.ends();
    return ends || body.size() == Reason.Status.MOST_OF_BODY;
  }

  /** What has come of it. */
  public Bytes bytes() {
    return Bytes.wrap(body.toByteArray());
  }
}
