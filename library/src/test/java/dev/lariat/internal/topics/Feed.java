package dev.lariat.internal.topics;

import dev.lariat.internal.topics.Stage.Sent;
import dev.lariat.message.Reason;
import dev.lariat.option.TopicRule.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Subscriptions without a socket: what they ask for is noted as words. A session is its name, and
 * knows what the server has seen in it.
 */
final class Feed implements Stage<String, String> {
  final List<String> done = new ArrayList<>();
  final List<Socket<String, String>> sockets = new ArrayList<>();
  final Map<String, Set<String>> server = new HashMap<>(); // by session: what it has subscribed
  final Set<String> full = new HashSet<>(); // sessions without room
  final Set<String> ended = new HashSet<>(); // readers that were told their end
  final Set<String> open = new HashSet<>(); // readers that were told that they are open, and no gap
  long pace; // what the budget answers
  boolean throwing; // whether the rule throws

  /** What was asked for since the last call. */
  List<String> next() {
    List<String> all = List.copyOf(done);
    done.clear();
    return all;
  }

  @Override
  public void connect(Socket<String, String> socket) {
    sockets.add(socket);
    done.add("connect " + sockets.indexOf(socket));
  }

  @Override
  public void disconnect(Socket<String, String> socket) {
    done.add("disconnect " + sockets.indexOf(socket));
  }

  @Override
  public Sent subscribe(Socket<String, String> socket, String session, List<String> topics) {
    if (throwing) {
      throw new IllegalStateException("no such topic");
    }
    if (full.contains(session)) {
      return Sent.LATER;
    }
    done.add(session + " + " + String.join(" ", topics));
    for (String topic : topics) {
      if (!server.computeIfAbsent(session, its -> new LinkedHashSet<>()).add(topic)) {
        throw new AssertionError(topic + " is subscribed twice in " + session);
      }
    }
    return Sent.YES;
  }

  @Override
  public Sent unsubscribe(
      Socket<String, String> socket, String session, List<Subscription> topics) {
    if (full.contains(session)) {
      return Sent.LATER;
    }
    List<String> names = new ArrayList<>();
    for (Subscription topic : topics) {
      names.add(topic.topic() + topic.channel().map(its -> "=" + its).orElse(""));
      server.getOrDefault(session, Set.of()).remove(topic.topic());
    }
    done.add(session + " - " + String.join(" ", names));
    return Sent.YES;
  }

  @Override
  public void open(String reader, Socket<String, String> socket) {
    tell(reader, "open");
    open.add(reader);
  }

  @Override
  public void gap(String reader, int attempt, Duration delay, Reason reason) {
    tell(reader, "gap: " + reason.sentence());
    open.remove(reader);
  }

  @Override
  public void ended(String reader, Reason reason) {
    tell(reader, "ended: " + reason.sentence());
    ended.add(reader);
    open.remove(reader);
  }

  private void tell(String reader, String what) {
    if (ended.contains(reader)) {
      throw new AssertionError(reader + " has ended, and is told " + what);
    }
    done.add(reader + " " + what);
  }

  @Override
  public long pace(long now) {
    return pace;
  }
}
