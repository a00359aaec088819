package dev.lariat.kotlin

import dev.lariat.Connection
import dev.lariat.Exchange
import dev.lariat.Mailbox
import dev.lariat.client.Answer
import dev.lariat.client.Caller
import dev.lariat.client.Client
import dev.lariat.message.BodyCodec
import dev.lariat.message.Message
import dev.lariat.option.Request
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.future.await

private val GET = Request.of("GET", "/")

/**
 * Sends a request and suspends until the whole response is there, as [Client.send] does for a thread. It follows redirects, retries, and
 * shows credentials and cookies as the client's options say.
 *
 * If the coroutine is cancelled, so is the request.
 *
 * @param url a whole URL with the scheme `http` or `https`
 * @param request the request, whose path is replaced by that of the URL; by default a GET
 * @param timeout how long the call may take, from 1 ms to 365 days; by default, what the client has
 * @return the whole response
 * @throws dev.lariat.FailedException if there is no response, or the call times out
 * @throws IllegalArgumentException if the URL is not valid, or the timeout is out of range
 */
public suspend fun Client.fetch(url: String, request: Request = GET, timeout: Duration? = null): Answer {
  val client = if (timeout == null) this else timeout(timeout.toJavaDuration())
  return client.sendAsync(url, request).await()
}

/**
 * Sends a request on the connection of this caller, and suspends until the whole response is there, as [Caller.send] does for a thread.
 *
 * If the coroutine is cancelled, so is the request.
 *
 * @param request the request
 * @param timeout how long the call may take, from 1 ms to 365 days
 * @return the whole response
 * @throws dev.lariat.FailedException if there is no response, or the call times out
 * @throws IllegalArgumentException if the timeout is out of range
 */
public suspend fun Caller.fetch(request: Request, timeout: Duration): Answer = blocking { send(request, timeout.toJavaDuration()) }

/**
 * Returns the body as a value, as `Answer.as` does. `as` is a keyword of Kotlin.
 *
 * @param codec the codec of the body
 * @return the value
 * @throws dev.lariat.FailedException with `Status` if the status is not 2xx; with `Unreadable` if the body is not a value of the type
 */
public fun <T : Any> Answer.value(codec: BodyCodec<T>): T = `as`(codec)

/**
 * Returns the messages of a response, part by part, as a cold flow: to collect it sends the request. The response's final message is the
 * last of the flow, also if it is a `StreamFailed`. Redirects, retries and credentials of the client have no effect: you see each
 * response as it is.
 *
 * If you collect slowly, Lariat stops reading the response. If the collection ends before the response does, the request is cancelled.
 *
 * Collecting throws a [dev.lariat.FailedException] if no connection takes the request.
 *
 * @param url a whole URL with the scheme `http` or `https`
 * @param request the request, whose path is replaced by that of the URL; by default a GET. Its `replyTo` is replaced
 * @return the messages, of which each collection sends a request
 */
public fun Client.messages(url: String, request: Request = GET): Flow<Message.OfStream> = exchange { request(url, request.replyTo(it)) }

/**
 * Returns the messages of a response, part by part, as a cold flow: to collect it sends the request. It is like [Client.messages], on
 * this connection.
 *
 * @param request the request. Its `replyTo` is replaced
 * @return the messages, of which each collection sends a request
 */
public fun Connection.messages(request: Request): Flow<Message.OfStream> = exchange { request(request.replyTo(it)) }

private fun exchange(begin: (Mailbox) -> Exchange): Flow<Message.OfStream> =
  flow {
    Mailbox.bounded(HELD, HELD_BYTES).use { mailbox ->
      val exchange = begun(mailbox, begin)
      try {
        relay(mailbox, exchange)
      } finally {
        exchange.cancel() // does nothing if it has ended
      }
    }
  }.flowOn(virtualThreads)

/** Waits for a connection; a request that was sent to a collector that has gone is cancelled. */
private suspend fun begun(mailbox: Mailbox, begin: (Mailbox) -> Exchange): Exchange {
  var begun: Exchange? = null
  try {
    return blocking { begin(mailbox).also { begun = it } }
  } catch (e: Throwable) {
    begun?.cancel()
    throw e
  }
}

private suspend fun FlowCollector<Message.OfStream>.relay(mailbox: Mailbox, exchange: Exchange) {
  do {
    val message = mailbox.next()
    if (message is Message.OfStream) { // what else comes is of the connection
      emit(message)
    }
  } while (message !is Message.OfStream || message.stream() != exchange || !message.ends())
}
