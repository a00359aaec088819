package dev.lariat.internal.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * What holds after every step of a random walk. The {@link Feed} checks on its way that nothing is
 * subscribed twice in a session, and that nobody is told anything after its end.
 */
class SubscriptionsLawsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f", "g");

  /** One walk: the world around the subscriptions, and what it knows. */
  private static final class Walk {
    final Random random;
    final TopicOptions options;
    final Feed feed = new Feed();
    final Subscriptions<String, String> topics;
    final Map<String, String> reading = new LinkedHashMap<>(); // topic by reader that is not closed
    final Map<String, Long> unreadSince = new HashMap<>(); // of topics that were read once
    final Map<Socket<String, String>, String> current = new HashMap<>();
    final Map<Socket<String, String>, String> next = new HashMap<>();
    final Set<Socket<String, String>> over = new HashSet<>();
    long now = SECOND;
    int made;

    Walk(long seed) {
      random = new Random(seed);
      TopicOptions some =
          TopicOptions.DEFAULT
              .perSocket(1 + random.nextInt(4))
              .sockets(1 + random.nextInt(4))
              .batch(1 + random.nextInt(3))
              .linger(Duration.ofSeconds(random.nextInt(3)));
      options = random.nextBoolean() ? some : some.acknowledgement(Duration.ofSeconds(2));
      topics = new Subscriptions<>(options, feed);
    }

    void step() {
      feed.pace = random.nextInt(4) == 0 ? SECOND / 2 : 0;
      Socket<String, String> socket =
          feed.sockets.isEmpty() ? null : feed.sockets.get(random.nextInt(feed.sockets.size()));
      switch (random.nextInt(socket == null || over.contains(socket) ? 4 : 14)) {
        case 0, 1 -> open();
        case 2 -> close();
        case 3 -> pass(random.nextLong(2 * SECOND));
        case 4, 5 -> {
          next.put(socket, "s" + made++);
          topics.opening(socket, next.get(socket), now);
        }
        case 6, 7 -> opened(socket);
        case 8 -> lost(socket);
        case 9 -> {
          if (random.nextInt(5) == 0) {
            topics.ended(socket, new Reason.Closed(), now);
            forget(socket);
          }
        }
        case 10, 11 -> answer(socket);
        case 12 -> feed.full.addAll(sessions(socket));
        default -> {
          for (String session : sessions(socket)) {
            feed.full.remove(session);
            topics.room(socket, session, now);
          }
        }
      }
      notice();
    }

    void open() {
      String reader = "r" + made++;
      String topic = NAMES.get(random.nextInt(NAMES.size()));
      topics.open(reader, topic, now);
      reading.put(reader, topic);
    }

    void close() {
      if (!reading.isEmpty()) {
        List<String> all = List.copyOf(reading.keySet());
        String reader = all.get(random.nextInt(all.size()));
        topics.close(reader, now);
        assertThat(feed.ended).contains(reader);
        topics.close(reader, now);
      }
    }

    /** Time passes, and every deadline within is kept. */
    void pass(long nanos) {
      long end = now + nanos;
      for (long due = topics.deadline(); due <= end; due = topics.deadline()) {
        now = Math.max(now, due);
        topics.elapsed(now);
        notice();
      }
      now = end;
    }

    void opened(Socket<String, String> socket) {
      String session = next.remove(socket);
      if (session != null) {
        current.put(socket, session);
        topics.opened(socket, now);
      }
    }

    void lost(Socket<String, String> socket) {
      boolean open = current.containsKey(socket) && random.nextBoolean();
      if (open || !current.containsKey(socket)) {
        next.remove(socket);
      } else {
        current.remove(socket);
      }
      topics.lost(socket, 1, Duration.ZERO, new Reason.Closed(), open, now);
    }

    void answer(Socket<String, String> socket) {
      List<String> said =
          List.copyOf(feed.server.getOrDefault(current.getOrDefault(socket, ""), Set.of()));
      if (said.isEmpty()) {
        return;
      }
      String topic = said.get(random.nextInt(said.size()));
      switch (random.nextInt(4)) {
        case 0 -> {
          feed.server.get(current.get(socket)).remove(topic);
          topics.refused(socket, topic, new Reason.TopicRefused(topic, "no"), now);
        }
        case 1 -> heard(socket, topic);
        default ->
            topics.acknowledged(socket, new Subscription(topic, Optional.of("#" + topic)), now);
      }
    }

    void heard(Socket<String, String> socket, String topic) {
      Collection<String> readers = topics.heard(socket, topic, now);
      for (String reader : readers) {
        assertThat(feed.ended).doesNotContain(reader);
        assertThat(feed.open).as("readers that get a message").contains(reader);
        assertThat(reading).containsEntry(reader, topic);
      }
    }

    List<String> sessions(Socket<String, String> socket) {
      List<String> all = new ArrayList<>();
      Optional.ofNullable(current.get(socket)).ifPresent(all::add);
      Optional.ofNullable(next.get(socket)).ifPresent(all::add);
      return all;
    }

    void forget(Socket<String, String> socket) {
      over.add(socket);
      current.remove(socket);
      next.remove(socket);
    }

    /** What the last calls have ended. */
    void notice() {
      for (String word : feed.next()) {
        if (word.startsWith("disconnect ")) {
          forget(feed.sockets.get(Integer.parseInt(word.substring("disconnect ".length()))));
        }
      }
      reading.keySet().removeAll(feed.ended);
      for (String topic : NAMES) {
        if (reading.containsValue(topic)) {
          unreadSince.remove(topic);
        } else {
          unreadSince.putIfAbsent(topic, now);
        }
      }
    }

    void laws() {
      assertThat(topics.readers()).as("readers that were told no end").isEqualTo(reading.size());
      feed.server.forEach(
          (session, said) -> assertThat(said).hasSizeLessThanOrEqualTo(options.perSocket()));
      for (Socket<String, String> socket : topics.sockets()) {
        assertThat(over).doesNotContain(socket);
        assertThat(socket.topics()).isBetween(1, options.perSocket());
      }
      assertThat(topics.sockets()).hasSizeLessThanOrEqualTo(options.sockets());
      assertThat(topics.sockets().stream().mapToInt(Socket::topics).sum())
          .isEqualTo(topics.topics());
      assertThat(topics.topics() - topics.lingering())
          .as("topics that are read")
          .isEqualTo((int) reading.values().stream().distinct().count());
      long linger = options.linger().toNanos();
      long lingering = unreadSince.values().stream().filter(since -> since + linger > now).count();
      assertThat((long) topics.lingering()).isLessThanOrEqualTo(lingering);
    }

    /** When nothing disturbs, every reader is open, and every server has just what is read. */
    void rest() {
      pass(20 * SECOND); // lingering topics and acknowledgements that do not come
      feed.full.clear();
      feed.pace = 0;
      for (Socket<String, String> socket : List.copyOf(topics.sockets())) {
        next.put(socket, "s" + made++);
        topics.opening(socket, next.get(socket), now);
        opened(socket);
        pass(SECOND); // what the pace has kept
        String session = current.get(socket);
        for (String topic : List.copyOf(feed.server.getOrDefault(session, Set.of()))) {
          topics.acknowledged(socket, new Subscription(topic, Optional.empty()), now);
        }
        notice();
      }
      assertThat(feed.open).containsAll(reading.keySet());
      List<String> subscribed = new ArrayList<>();
      for (Socket<String, String> socket : topics.sockets()) {
        subscribed.addAll(feed.server.get(current.get(socket)));
      }
      assertThat(subscribed)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(Set.copyOf(reading.values()));
    }
  }

  @Property(tries = 2000)
  void everyReaderIsSubscribedOnceAndHasOneEnd(@ForAll long seed) {
    Walk walk = new Walk(seed);
    for (int i = 0; i < 100; i++) {
      walk.step();
      walk.laws();
    }
    walk.rest();
  }
}
