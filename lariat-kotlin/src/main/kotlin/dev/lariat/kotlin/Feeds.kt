package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.Mailbox
import dev.lariat.live.LiveEvents
import dev.lariat.live.LiveWebSocket
import dev.lariat.live.Topics
import dev.lariat.message.Frame
import dev.lariat.message.Gone
import dev.lariat.message.Message
import dev.lariat.message.Reason
import dev.lariat.message.ServerSentEvent
import dev.lariat.message.WebSocketFrame
import java.time.Duration
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

private val LONG = Duration.ofDays(1)

/**
 * Returns the messages of a live WebSocket as a cold flow. To collect it opens a live WebSocket, which reconnects by itself, as the plan
 * says. `Gone`, if it comes, is the last of the flow.
 *
 * When the collection ends, because it is cancelled, because it throws, or because of an operator such as `first()`, the live WebSocket
 * shuts down: it closes its session with code 1001, and the collection returns when that has ended, after at most `timeouts.closing`.
 *
 * If you collect slowly, Lariat stops reading from the server. Before that, it holds 64 messages or 1 MiB, and the flow holds as many
 * messages as its buffer: 64, or what [kotlinx.coroutines.flow.buffer] says.
 *
 * `LiveWebSocket.of(open.stream())` is the handle of the live WebSocket by which you send.
 *
 * @return the messages, of which each collection has a live WebSocket of its own. The owner of the plan is replaced
 */
public fun LiveWebSocket.Plan.messages(): Flow<Message> = live({ it }, { socket(it) })

/**
 * Returns the frames of all sessions of a live WebSocket, as they arrive, as a cold flow. In all else it is like
 * [LiveWebSocket.Plan.messages].
 *
 * Collecting throws a [FailedException] if the live WebSocket ends by itself, for example because the server refuses it for good.
 *
 * @return the frames, of which each collection has a live WebSocket of its own. The owner of the plan is replaced
 */
public fun LiveWebSocket.Plan.frames(): Flow<Frame> = live(::frame, { socket(it) })

/**
 * Returns the messages of a live stream of server-sent events as a cold flow. It is like [LiveWebSocket.Plan.messages], except that there
 * is no close code: when the collection ends, the request is cancelled.
 *
 * @return the messages, of which each collection has a live stream of its own. The owner of the plan is replaced
 */
public fun LiveEvents.Plan.messages(): Flow<Message> = live({ it }, { stream(it) })

/**
 * Returns the events of all sessions of a live stream, as they arrive, as a cold flow. In all else it is like [LiveEvents.Plan.messages].
 *
 * Collecting throws a [FailedException] if the live stream ends by itself, for example because the server refuses it for good.
 *
 * @return the events, of which each collection has a live stream of its own. The owner of the plan is replaced
 */
public fun LiveEvents.Plan.events(): Flow<ServerSentEvent> = live(::event, { stream(it) })

/**
 * Returns the messages of a topic as a cold flow. To collect it opens a reader of the topic, which is closed when the collection ends.
 *
 * What happens if you collect slowly depends on `topics.overflow`. `BLOCK` stops reading the socket, and `DROP` drops messages: a `Notice`
 * with `Dropped` says how many.
 *
 * Collecting throws a [FailedException] if the topics are closed.
 *
 * @param topic the topic
 * @return the messages, of which each collection has a reader of its own
 */
public fun Topics.messages(topic: String): Flow<Message> = live({ it }, { reader(topic, it) })

/**
 * Returns the frames of a topic as a cold flow. In all else it is like [Topics.messages].
 *
 * Collecting throws a [FailedException] if the topics are closed, or if the server refuses the topic.
 *
 * @param topic the topic
 * @return the frames, of which each collection has a reader of its own
 */
public fun Topics.frames(topic: String): Flow<Frame> = live(::frame, { reader(topic, it) })

/**
 * Returns the frames of all sessions of this live WebSocket as a flow, for a program that also sends. One coroutine at a time can collect
 * it, and nothing else may read the mailbox meanwhile.
 *
 * When the collection ends, the live WebSocket continues, and the next collection gets what comes next. What was read and was not
 * collected yet is lost then. The flow completes when you close the live WebSocket.
 *
 * Collecting throws a [FailedException] if the live WebSocket ends for another reason, and an [IllegalStateException] if it does not have
 * its own mailbox.
 *
 * @return the frames
 */
public fun LiveWebSocket.frames(): Flow<Frame> =
  flow {
    val frames = iterator()
    while (blocking { frames.hasNext() }) {
      emit(frames.next())
    }
  }.flowOn(virtualThreads)

/**
 * Sends frames, in this order, as [LiveWebSocket.send] does for a thread: if the outbox is full and its `overflow` is `BLOCK`, it suspends
 * until there is room. If the coroutine is cancelled meanwhile, the frame that waits and those after it are not sent.
 *
 * @param frames the frames, in their order
 * @throws FailedException if there is no room, by `overflow`, or if this live WebSocket has ended
 * @throws IllegalArgumentException if one is a close frame, or if a text has an unpaired surrogate
 */
public suspend fun LiveWebSocket.emit(vararg frames: Frame) {
  for (frame in frames) {
    if (!trySend(frame)) {
      blocking { send(frame) }
    }
  }
}

/** A live connection that is open, and what waits until it has ended. */
private class Opened(val awaitEnd: () -> Unit)

private fun LiveWebSocket.Plan.socket(mailbox: Mailbox): Opened {
  val socket = owner(mailbox).open()
  return Opened { do {} while (!socket.awaitTermination(LONG)) }
}

private fun LiveEvents.Plan.stream(mailbox: Mailbox): Opened {
  val stream = owner(mailbox).open()
  return Opened { do {} while (!stream.awaitTermination(LONG)) }
}

private fun Topics.reader(topic: String, mailbox: Mailbox): Opened {
  open(topic, mailbox)
  return Opened {}
}

private fun frame(message: Message): Frame? = (message as? WebSocketFrame)?.frame()

private fun event(message: Message): ServerSentEvent? = message as? ServerSentEvent

/** What [of] makes of each message of what [open] opens, without its nulls. */
private fun <T : Any> live(of: (Message) -> T?, open: (Mailbox) -> Opened): Flow<T> =
  flow {
    val mailbox = Mailbox.bounded(HELD, HELD_BYTES)
    val opened = open(mailbox)
    try {
      relay(mailbox, of)
    } finally {
      mailbox.close() // ends what it owns, as by shutdown
      withContext(NonCancellable) { opened.awaitEnd() }
    }
  }.flowOn(virtualThreads)

private suspend fun <T : Any> FlowCollector<T>.relay(mailbox: Mailbox, of: (Message) -> T?) {
  do {
    val message = mailbox.next()
    val its = of(message)
    if (its != null) {
      emit(its)
    } else if (message is Gone && message.reason() !is Reason.OwnerClosed) {
      throw FailedException(message.reason())
    }
  } while (message !is Gone)
}
