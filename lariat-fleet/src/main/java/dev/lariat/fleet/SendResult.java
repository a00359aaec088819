package dev.lariat.fleet;

import java.util.Optional;

/** What became of a frame that {@link Fleet#send} was given: a closed set. */
public sealed interface SendResult {

  /**
   * The operating system of the machine that has the feed has accepted its last byte. This does not
   * mean that the server has received it, as in {@code Delivery.State}.
   */
  record Written() implements SendResult {}

  /** The server has acknowledged it; see {@code Outbox.acknowledge}. */
  record Acknowledged() implements SendResult {}

  /**
   * No part of it was sent, and none will be.
   *
   * @param why the reason, as a sentence
   */
  record Dropped(String why) implements SendResult {}

  /**
   * The server may or may not have received it: its session was lost while it was on its way, or
   * the node that has the feed did not answer in time.
   *
   * @param why the reason, as a sentence
   */
  record Unknown(String why) implements SendResult {}

  /**
   * No part of it was sent: another node has the feed, and the placement carries no frames to it.
   *
   * @param owner the name of that node; empty if no node is known to have the feed
   */
  record Elsewhere(Optional<String> owner) implements SendResult {}
}
