package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lists a collection and watches its changes, as in Kubernetes. Every watch ends, and the next one
 * continues from the last version that it has seen. If the server has forgotten that version (410),
 * it lists the collection again.
 *
 * <p>The list is lines: its version, then the names. The messages are words: {@code ADDED VERSION
 * NAME}, {@code DELETED VERSION NAME}, {@code BOOKMARK VERSION}, {@code ERROR 410}.
 */
public final class Watch {
  private final URI collection;
  private final ConnectionOptions connection;

  private final Set<String> names = new TreeSet<>(); // also the lock, because two threads use it
  private long version;
  private boolean listed;

  Watch(URI collection, ConnectionOptions connection) {
    this.collection = collection;
    this.connection = connection;
  }

  public static void main(String[] args) {
    new Watch(URI.create(args[0]), ConnectionOptions.DEFAULT).run(args[1]);
  }

  /** Prints the names after every change until {@code until} is among them. */
  void run(String until) {
    Healing healing =
        Healing.DEFAULT.classifier(Classifier.DEFAULT.statuses(Map.of(410, Verdict.RETRY)));
    LiveOptions options = LiveOptions.DEFAULT.connection(connection).healing(healing);
    try (LiveWebSocket watch = LiveWebSocket.to(this::next).options(options).open()) {
      for (Message message : watch.messages()) {
        switch (message) {
          case WebSocketFrame(var socket, Text(var text)) when text.equals("ERROR 410") -> {
            forget();
            watch.rotate(); // the server may not end this watch
          }
          case WebSocketFrame(var socket, Text(var text)) -> apply(text.split(" "));
          case Gone gone -> System.out.println("gone: " + gone.reason().sentence());
          default -> {}
        }
        if (knows(until)) {
          return;
        }
      }
    }
  }

  /** The endpoint of the next watch. Runs on a thread that may block. */
  private Endpoint next(int attempt, Optional<Reason> last) {
    if (last.orElse(null) instanceof Reason.Status answer && answer.status() == 410) {
      forget();
    }
    return Endpoint.of(URI.create(collection + "?watch=1&resourceVersion=" + listedVersion()));
  }

  private long listedVersion() {
    synchronized (names) {
      if (listed) {
        return version;
      }
    }
    try (Connection server = Lariat.open(collection.resolve("/"), connection)) {
      Answer answer = Caller.on(server).get(collection.getPath(), Duration.ofSeconds(10));
      if (answer.status() != 200) {
        throw new IllegalStateException("no list: status " + answer.status());
      }
      return replace(answer.text().lines().toList());
    }
  }

  private long replace(List<String> lines) {
    List<String> listedNames = lines.subList(1, lines.size());
    System.out.println("listed " + listedNames);
    synchronized (names) {
      version = Long.parseLong(lines.getFirst());
      listed = true;
      names.clear();
      names.addAll(listedNames);
      return version;
    }
  }

  private void forget() {
    synchronized (names) {
      listed = false;
    }
  }

  private boolean knows(String name) {
    synchronized (names) {
      return names.contains(name);
    }
  }

  private void apply(String[] words) {
    String changed;
    synchronized (names) {
      long its = Long.parseLong(words[1]);
      if (its <= version) {
        return; // an earlier watch or the list already contained it
      }
      version = its;
      switch (words[0]) {
        case "ADDED" -> names.add(words[2]);
        case "DELETED" -> names.remove(words[2]);
        default -> {
          return; // a bookmark is only a version
        }
      }
      changed = names.toString();
    }
    System.out.println(changed);
  }
}
