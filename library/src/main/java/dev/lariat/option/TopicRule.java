package dev.lariat.option;

import dev.lariat.message.Frame;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a server's topics are subscribed, and which topic a message belongs to. You write one for
 * your server; it has no state.
 *
 * <p>Lariat calls the methods on an event loop, so they must not block. If {@code subscribe} throws
 * an exception, the readers of these topics end with {@code HandlerThrew}. If another method
 * throws, the session ends with that reason: each reader of its socket gets {@code Waiting}, and
 * the topics that still have readers are subscribed again in the next session.
 */
public interface TopicRule {

  /**
   * {@return the frames that subscribe these topics, in their order}
   *
   * @param topics one topic or more, at most {@code topics.batch} of them
   */
  List<Frame> subscribe(List<String> topics);

  /**
   * {@return the frames that unsubscribe these topics, in their order; empty if the server cannot
   * do that}
   *
   * @param topics one topic or more, at most {@code topics.batch} of them
   */
  List<Frame> unsubscribe(List<Subscription> topics);

  /**
   * {@return what a frame of the server means}
   *
   * @param frame the frame: text, binary, or a ping or pong if {@code silencePings} is false
   */
  Meaning read(Frame frame);

  /**
   * A topic that is subscribed in a session.
   *
   * @param topic the topic
   * @param channel the server's name for it in this session, if an acknowledgement had one
   */
  record Subscription(String topic, Optional<Object> channel) {
    /** Checks that both are there. */
    public Subscription {
      Objects.requireNonNull(topic, "topic");
      Objects.requireNonNull(channel, "channel");
    }
  }

  /** What a frame of the server means: a closed set. */
  sealed interface Meaning {

    /** A frame that belongs to no topic. It goes to the receiver for control messages. */
    Meaning CONTROL = new Control();

    /**
     * {@return a message of a topic, which goes to its readers}
     *
     * @param key the topic, or the channel that the acknowledgement named
     */
    static Meaning of(Object key) {
      return new Of(key);
    }

    /**
     * {@return the acknowledgement of a subscription}
     *
     * @param topic the topic
     */
    static Meaning subscribed(String topic) {
      return new Subscribed(List.of(new Subscription(topic, Optional.empty())));
    }

    /**
     * {@return the acknowledgement of a subscription, with the name that the server uses for the
     * topic in this session}
     *
     * @param topic the topic
     * @param channel a value with {@code equals} and {@code hashCode}, such as a number
     */
    static Meaning subscribed(String topic, Object channel) {
      return new Subscribed(List.of(new Subscription(topic, Optional.of(channel))));
    }

    /**
     * {@return the refusal of a subscription}
     *
     * @param topic the topic
     * @param why the server's explanation
     */
    static Meaning refused(String topic, String why) {
      return new Refused(List.of(topic), why);
    }
  }

  /** A frame that belongs to no topic. */
  record Control() implements Meaning {}

  /**
   * A message of a topic.
   *
   * @param key the topic, or its channel
   */
  record Of(Object key) implements Meaning {
    /** Checks the key. */
    public Of {
      Objects.requireNonNull(key, "key");
    }
  }

  /**
   * The server has acknowledged subscriptions. The frame also goes to the receiver for control
   * messages.
   *
   * @param topics the topics that it names
   */
  record Subscribed(List<Subscription> topics) implements Meaning {
    /** Makes the list immutable. */
    public Subscribed {
      topics = List.copyOf(topics);
    }
  }

  /**
   * The server has refused subscriptions, or has ended them. The frame also goes to the receiver
   * for control messages.
   *
   * @param topics the topics that it names
   * @param why the server's explanation
   */
  record Refused(List<String> topics, String why) implements Meaning {
    /** Makes the list immutable. */
    public Refused {
      topics = List.copyOf(topics);
      Objects.requireNonNull(why, "why");
    }
  }
}
