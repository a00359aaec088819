package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.message.Binary
import dev.lariat.message.BodyCodec
import dev.lariat.message.Bytes
import dev.lariat.message.Close
import dev.lariat.message.Frame
import dev.lariat.message.Ping
import dev.lariat.message.Pong
import dev.lariat.message.Reason
import dev.lariat.message.ServerSentEvent
import dev.lariat.message.Text
import dev.lariat.message.UnreadableException
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * Returns the text messages of this flow as values. It leaves out pings, pongs and close frames.
 *
 * Collecting throws a [FailedException] with `Unreadable` at a text that is not a value of the type, and at a binary message, unless you
 * pass [skipped].
 *
 * @param codec the codec of a text
 * @param skipped is called instead for each message that cannot be read, in the coroutine that collects
 * @return the values
 */
public fun <T : Any> Flow<Frame>.texts(codec: BodyCodec<T>, skipped: (suspend (Reason.Unreadable) -> Unit)? = null): Flow<T> =
  values(skipped) { frame, number ->
    when (frame) {
      is Text -> Item({ "message $number of the flow" }, { Bytes.ofUtf8(frame.text()) }) { codec.read(frame.text()) }
      is Binary -> Item({ "message $number of the flow" }, { frame.bytes() }) { throw binary(codec) }
      is Ping, is Pong, is Close -> null
    }
  }

/**
 * Returns the data of the events of this flow as values.
 *
 * Collecting throws a [FailedException] with `Unreadable` at data that is not a value of the type, unless you pass [skipped].
 *
 * @param codec the codec of the data of an event
 * @param skipped is called instead for each event that cannot be read, in the coroutine that collects
 * @return the values
 */
public fun <T : Any> Flow<ServerSentEvent>.values(codec: BodyCodec<T>, skipped: (suspend (Reason.Unreadable) -> Unit)? = null): Flow<T> =
  values(skipped) { event, number ->
    Item({ "event $number (type ${event.type()}) of the flow" }, { Bytes.ofUtf8(event.data()) }) { codec.read(event.data()) }
  }

/** What is read: how it is named and which bytes it has, if it cannot be read, and what reads it. */
private class Item<T>(val what: () -> String, val content: () -> Bytes, val read: () -> T)

private fun <S, T : Any> Flow<S>.values(
  skipped: (suspend (Reason.Unreadable) -> Unit)?,
  item: (S, Long) -> Item<T>?,
): Flow<T> =
  flow {
    var read = 0L
    collect { one ->
      val its = item(one, read + 1)
      if (its != null) {
        read++
        val value =
          try {
            its.read()
          } catch (e: UnreadableException) {
            val why = Reason.Unreadable(its.what(), its.content(), e)
            if (skipped == null) throw FailedException(why)
            skipped(why)
            null
          }
        if (value != null) {
          emit(value)
        }
      }
    }
  }

private fun binary(codec: BodyCodec<*>) = UnreadableException(codec.type(), "it is a binary message", null)
