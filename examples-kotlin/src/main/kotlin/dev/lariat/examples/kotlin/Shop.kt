package dev.lariat.examples.kotlin

import dev.lariat.FailedException
import dev.lariat.client.Client
import dev.lariat.kotlin.codec
import dev.lariat.kotlin.emit
import dev.lariat.kotlin.events
import dev.lariat.kotlin.fetch
import dev.lariat.kotlin.frames
import dev.lariat.kotlin.messages
import dev.lariat.kotlin.texts
import dev.lariat.kotlin.value
import dev.lariat.kotlin.values
import dev.lariat.live.LiveEvents
import dev.lariat.live.LiveWebSocket
import dev.lariat.message.Binary
import dev.lariat.message.Close
import dev.lariat.message.Data
import dev.lariat.message.Frame
import dev.lariat.message.Gone
import dev.lariat.message.Message
import dev.lariat.message.Open
import dev.lariat.message.Ping
import dev.lariat.message.Pong
import dev.lariat.message.Reason
import dev.lariat.message.Response
import dev.lariat.message.StreamFailed
import dev.lariat.message.Text
import dev.lariat.message.Waiting
import dev.lariat.message.WebSocketFrame
import dev.lariat.option.Request
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

@Serializable
data class Order(val id: Int, val item: String)

@Serializable
data class Tick(val symbol: String, val price: Double)

/** Orders of a shop, and a feed of its prices that comes back by itself: `Shop http://shop.example ws://shop.example/prices`. */
fun main(args: Array<String>) = runBlocking {
  val (origin, feed) = args
  Client.open().use { client ->
    println("stored: ${store(client, origin, Order(7, "rope"))}")
    println("all: ${orders(client, origin, listOf(7, 8))}")
  }
  prices(feed).take(3).collect { tick -> println("${tick.symbol}: ${tick.price}") }
}

// ---- calls

suspend fun store(client: Client, origin: String, order: Order): Order {
  val request = Request.of("POST", "/").body(Json.codec<Order>(), order)
  return client.fetch("$origin/orders", request).value(Json.codec<Order>())
}

suspend fun orders(client: Client, origin: String, ids: List<Int>): List<Order> = coroutineScope {
  ids.map { id -> async { client.fetch("$origin/orders/$id").value(Json.codec<Order>()) } }.awaitAll()
}

suspend fun isThere(client: Client, url: String): Boolean =
  withTimeoutOrNull(2.seconds) { client.fetch(url).status() == 200 } ?: false

suspend fun find(client: Client, origin: String, id: Int): Order? =
  try {
    client.fetch("$origin/orders/$id").value(Json.codec<Order>())
  } catch (e: FailedException) {
    when (val reason = e.reason()) {
      is Reason.Status -> if (reason.status() == 404) null else throw e
      else -> throw e
    }
  }

suspend fun size(client: Client, url: String): Long {
  var size = 0L
  client.messages(url).collect { message ->
    when (message) {
      is Response -> check(message.status() == 200)
      is Data -> size += message.bytes().size()
      is StreamFailed -> throw FailedException(message.reason())
      else -> {}
    }
  }
  return size
}

// ---- feeds

fun prices(uri: String): Flow<Tick> =
  LiveWebSocket.to(uri)
    .onOpen { session -> session.send(Text("subscribe")) }
    .frames()
    .texts(Json.codec<Tick>())

fun states(uri: String): Flow<String> = LiveWebSocket.to(uri).messages().map(::words)

fun words(message: Message): String =
  when (message) {
    is Open -> "session ${message.session()} is open"
    is WebSocketFrame -> content(message.frame())
    is Waiting -> "lost: ${message.reason().sentence()}"
    is Gone -> "gone: ${message.reason().sentence()}"
    else -> "and so on"
  }

fun content(frame: Frame): String =
  when (frame) {
    is Text -> frame.text()
    is Binary -> "${frame.bytes().size()} bytes"
    is Ping, is Pong -> "a heartbeat"
    is Close -> "closed with ${frame.code()}"
  }

suspend fun ask(uri: String, questions: List<String>): String = coroutineScope {
  LiveWebSocket.to(uri).open().use { feed ->
    launch { questions.forEach { feed.emit(Text(it)) } }
    feed.frames().map(::content).first { it.endsWith("!") }
  }
}

fun news(url: String): Flow<Tick> = LiveEvents.to(url).events().values(Json.codec<Tick>()) { skipped -> println(skipped.what()) }
