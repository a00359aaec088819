package dev.lariat;

import dev.lariat.event.PoolInfo;

/**
 * A client whose connections others can use. It is a {@code dev.lariat.client.Client}, and nothing
 * else can be one: what takes a {@code ClientRef} refuses another object.
 */
public interface ClientRef {

  /** {@return how its pool stands now; its text is one line} */
  PoolInfo info();
}
