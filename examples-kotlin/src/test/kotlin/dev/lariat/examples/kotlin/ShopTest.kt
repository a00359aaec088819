package dev.lariat.examples.kotlin

import dev.lariat.client.Client
import dev.lariat.message.Text
import dev.lariat.testkit.Origin
import dev.lariat.testkit.Script
import dev.lariat.testkit.Visit
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** The programs of the guide, against a scripted shop. */
@Timeout(60)
internal class ShopTest {
  @Test
  fun theProgramStoresAnOrderAndFollowsThePricesThroughALoss() {
    Origin.start(Script(::shop)).use { shop ->
      Origin.start(subscribed("1.5", "2.5"), subscribed("3.5"), Script.silent()).use { feed ->
        val printed = printed { main(arrayOf(shop.url(), "${feed.uri("ws", "/prices")}")) }
        assertThat(printed.lines().filter { it.isNotEmpty() })
          .containsExactly(
            "stored: Order(id=7, item=rope)",
            "all: [Order(id=7, item=rope), Order(id=8, item=rope)]",
            "BTC: 1.5",
            "BTC: 2.5",
            "BTC: 3.5",
          )
      }
    }
  }

  @Test
  fun anOrderThatIsNotThereIsNull() = soon {
    Origin.start(Script(::shop)).use { origin ->
      Client.open().use { client ->
        assertThat(find(client, origin.url(), 7)).isEqualTo(Order(7, "rope"))
        assertThat(find(client, origin.url(), 404)).isNull()
        assertThat(isThere(client, "${origin.uri("http", "/orders/7")}")).isTrue()
        assertThat(isThere(client, "${origin.uri("http", "/orders/404")}")).isFalse()
        assertThat(size(client, "${origin.uri("http", "/orders/7")}")).isEqualTo(22L)
      }
    }
  }

  @Test
  fun theStatesOfAFeedAreWords() = soon {
    Origin.start(prices("1.5"), Script.silent()).use { origin ->
      val words = states("${origin.uri("ws", "/prices")}").take(4).toList()
      assertThat(words).startsWith("and so on", "session 1 is open", """{"symbol":"BTC","price":1.5}""")
      assertThat(words[3]).startsWith("lost: ")
    }
  }

  @Test
  fun questionsGetTheirAnswer() = soon {
    Origin.start(Script.echo()).use { origin ->
      assertThat(ask("${origin.uri("ws", "/")}", listOf("one?", "two!"))).isEqualTo("two!")
    }
  }

  @Test
  fun newsAreEvents() = soon {
    val events = Script { visit ->
      visit.request()
      visit.events().send("""{"symbol":"ETH","price":2}""")
      visit.awaitEnd()
    }
    Origin.start(events).use { origin ->
      assertThat(news("${origin.uri("http", "/news")}").first()).isEqualTo(Tick("ETH", 2.0))
    }
  }

  private companion object {
    fun shop(visit: Visit) {
      while (true) {
        val asked = visit.request() ?: break
        when {
          asked.method() == "POST" -> visit.respond(200, asked.body().utf8())
          asked.target().endsWith("404") -> visit.respond(404)
          else -> visit.respond(200, """{"id":${asked.target().substringAfterLast('/')},"item":"rope"}""")
        }
      }
    }

    fun Origin.url() = "http://${host()}:${port()}"

    /** Sends these, and ends without a close frame. */
    fun prices(vararg prices: String) = Script { visit ->
      val socket = visit.acceptWebSocket()
      prices.forEach { socket.send(Text("""{"symbol":"BTC","price":$it}""")) }
    }

    /** The same for who has subscribed, whose request is read: what is unread would reset the connection. */
    fun subscribed(vararg prices: String) = Script { visit ->
      val socket = visit.acceptWebSocket()
      assertThat(socket.receive()).isEqualTo(Text("subscribe"))
      prices.forEach { socket.send(Text("""{"symbol":"BTC","price":$it}""")) }
    }

    fun printed(run: () -> Unit): String {
      val out = System.out
      val bytes = ByteArrayOutputStream()
      System.setOut(PrintStream(bytes, true, Charsets.UTF_8))
      try {
        run()
      } finally {
        System.setOut(out)
      }
      return bytes.toString(Charsets.UTF_8)
    }

    fun soon(block: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(30.seconds) { block() } }
  }
}
