package dev.lariat.internal.topics;

import dev.lariat.option.TopicRule.Subscription;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A topic that was subscribed in a session. */
final class Said<R, S> {
  final String name;
  final Session<R, S> session;
  @Nullable Topic<R, S> topic; // null when nobody wants it any more
  @Nullable Object channel; // the server's name for it; null if it has none
  boolean acknowledged;
  boolean told; // whether the readers were told that it is open in this session
  boolean gone; // whether it is not said any more
  long deadline = Subscriptions.NEVER; // of the acknowledgement

  Said(String name, Session<R, S> session, Topic<R, S> topic) {
    this.name = name;
    this.session = session;
    this.topic = topic;
  }

  boolean isSubscribed() {
    return acknowledged && topic != null;
  }

  boolean isAwaited() {
    return !acknowledged && !gone && !session.dead;
  }

  Subscription subscription() {
    return new Subscription(name, Optional.ofNullable(channel));
  }
}
