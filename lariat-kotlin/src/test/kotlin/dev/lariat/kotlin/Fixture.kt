package dev.lariat.kotlin

import dev.lariat.live.LiveWebSocket
import dev.lariat.option.Healing
import dev.lariat.option.LiveOptions
import dev.lariat.testkit.Origin
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/** Comes back at once. */
internal val HEALING: Healing =
  Healing.DEFAULT.spread(Duration.ZERO).retry(Healing.DEFAULT.retry().delays(Duration.ofMillis(1), Duration.ofMillis(5)))

/** A feed of this origin. */
internal fun Origin.feed(): LiveWebSocket.Plan =
  LiveWebSocket.to(uri("ws", "/feed")).options(LiveOptions.DEFAULT.healing(HEALING))

/** Real sockets in real time, but not for long. */
internal fun soon(block: suspend CoroutineScope.() -> Unit) {
  runBlocking { withTimeout(30.seconds) { block() } }
}
