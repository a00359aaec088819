package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.Mailbox
import dev.lariat.message.Message
import java.time.Duration
import java.util.concurrent.Executor
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.runInterruptible

/** How many messages a flow's mailbox holds until Lariat stops reading: as many as a flow's buffer does. */
internal const val HELD = 64

/** How many bytes in them, so that large messages do not fill the memory. */
internal const val HELD_BYTES = 1L shl 20

/** A virtual thread for each turn of a coroutine: it may block, and thousands of flows that wait cost no thread. */
internal val virtualThreads: CoroutineDispatcher =
  Executor { Thread.ofVirtual().name("lariat-kotlin").start(it) }.asCoroutineDispatcher()

/** Runs what blocks on a virtual thread, and interrupts it if the coroutine is cancelled. */
internal suspend fun <T> blocking(call: () -> T): T =
  try {
    runInterruptible(virtualThreads, call)
  } catch (e: FailedException) { // also if it was interrupted
    currentCoroutineContext().ensureActive()
    throw e
  }

/** The next message; for one coroutine of [virtualThreads] at a time. */
internal suspend fun Mailbox.next(): Message = take(Duration.ZERO) ?: runInterruptible { take() }
