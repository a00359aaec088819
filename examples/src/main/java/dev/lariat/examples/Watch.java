package dev.lariat.examples;

import dev.lariat.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.LiveOptions;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Watches a collection in the way of Kubernetes: it asks for what has changed since a version, and
 * goes on from the last version that it has seen when the watch ends, as every watch does. Where
 * the server has forgotten that version (410), it lists the collection anew.
 *
 * <p>The messages are words: {@code ADDED VERSION NAME}, {@code DELETED VERSION NAME}, {@code
 * BOOKMARK VERSION}.
 */
public final class Watch {
  private final URI uri;
  private final Supplier<Map<String, String>> list; // each name's version; "" is the list's own
  private final AtomicReference<String> version = new AtomicReference<>("");
  private final Map<String, String> things = new TreeMap<>();

  Watch(URI uri, Supplier<Map<String, String>> list) {
    this.uri = uri;
    this.list = list;
  }

  /** Lists anew where there is no version to go on from. On a thread that may block. */
  private Endpoint next() {
    if (version.get().isEmpty()) {
      Map<String, String> listed = new TreeMap<>(list.get());
      version.set(listed.getOrDefault("", "0"));
      listed.remove("");
      synchronized (things) {
        things.clear();
        things.putAll(listed);
      }
      IO.println("listed " + listed.keySet());
    }
    return Endpoint.of(uri.resolve("?watch=1&resourceVersion=" + version.get()));
  }

  /** Follows the changes until {@code until} was added. */
  void run(String until, ConnectionOptions connection) throws InterruptedException {
    Endpoints endpoints =
        (attempt, last) -> {
          if (last.orElse(null) instanceof Reason.Status(var status, _) && status == 410) {
            version.set("");
          }
          return next();
        };
    LiveOptions options = LiveOptions.DEFAULT.connection(connection);
    Classifier gone = options.healing().classifier().statuses(Map.of(410, Verdict.RETRY));
    try (LiveWebSocket watch =
        LiveWebSocket.to(endpoints)
            .options(options.healing(options.healing().classifier(gone)))
            .open()) {
      for (Frame frame : watch) {
        if (frame instanceof Text(var text)) {
          String[] words = text.split(" ", 3);
          version.set(words[1]);
          apply(words);
          if (words[0].equals("ADDED") && words[2].equals(until)) {
            return;
          }
        }
      }
    }
  }

  private void apply(String[] words) {
    synchronized (things) {
      switch (words[0]) {
        case "ADDED" -> things.put(words[2], words[1]);
        case "DELETED" -> things.remove(words[2]);
        default -> {
          return; // a bookmark is nothing but a version
        }
      }
      IO.println(things.keySet());
    }
  }
}
