package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.message.Reason;

/**
 * How far the end of a {@link Hosting} has come.
 *
 * <pre>
 *   SPEAKING ── the lane takes nothing more ──► DEAF
 *      │                                         │
 *      ├──── Change.Closing ──► CLOSING          │
 *      │                           │             │
 *      └──── Change.Close ─────────┴─────────────┴──► OVER
 *                                                │     ▲
 *              the engine keeps what came before └► LINGERING
 * </pre>
 */
sealed interface Phase {
  Phase OVER = new Over();

  /** An engine speaks. */
  record Speaking(Engine engine) implements Phase {}

  /** A write failed for this reason. What the peer sent before is still read. */
  record Deaf(Engine engine, Reason why) implements Phase {}

  /** The engine has ended for this reason. The lane waits for the end of the peer's side. */
  record Closing(Reason why) implements Phase {}

  /** The lane has ended for this reason. The engine tells what came before. */
  record Lingering(Engine engine, Reason why) implements Phase {}

  /** The lane has ended. What it still calls is ignored. */
  record Over() implements Phase {}
}
