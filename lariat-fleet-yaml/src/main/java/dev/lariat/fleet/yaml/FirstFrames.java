package dev.lariat.fleet.yaml;

import dev.lariat.fleet.Feed;
import dev.lariat.live.Session;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a WebSocket sends in each new session.
 *
 * @param texts what is sent first
 * @param resuming what is sent then, to ask for what comes after the position; null for nothing
 * @param start what stands for the position as long as there is none; null if {@code resuming} is
 *     not sent then
 */
record FirstFrames(List<String> texts, @Nullable String resuming, @Nullable String start)
    implements Feed.Opening {
  static final FirstFrames NONE = new FirstFrames(List.of(), null, null);
  static final String POSITION = "{position}";

  FirstFrames texts(List<String> its) {
    return new FirstFrames(its, resuming, start);
  }

  FirstFrames resuming(String template, @Nullable String without) {
    return new FirstFrames(texts, template, without);
  }

  @Override
  public void run(Session session, Optional<String> position) {
    frames(position).forEach(frame -> session.send(frame));
  }

  List<Frame> frames(Optional<String> position) {
    List<Frame> frames = new ArrayList<>();
    texts.forEach(text -> frames.add(new Text(text)));
    String from = position.orElse(start);
    if (resuming != null && from != null) {
      frames.add(new Text(resuming.replace(POSITION, within(resuming, from))));
    }
    return frames;
  }

  /** A position comes from the server: it must not end the string of JSON in which it stands. */
  private static String within(String template, String position) {
    boolean json = template.startsWith("{") || template.startsWith("[");
    if (!json) {
      return position;
    }
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < position.length(); i++) {
      char c = position.charAt(i);
      if (c < ' ') {
        escaped.append(String.format("\\u%04x", (int) c));
      } else if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
