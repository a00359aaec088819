package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.client.Client
import dev.lariat.message.Binary
import dev.lariat.message.BodyCodec
import dev.lariat.message.Bytes
import dev.lariat.message.Close
import dev.lariat.message.Frame
import dev.lariat.message.Ping
import dev.lariat.message.Reason
import dev.lariat.message.ServerSentEvent
import dev.lariat.message.Text
import dev.lariat.message.UnreadableException
import dev.lariat.option.Request
import dev.lariat.testkit.Origin
import dev.lariat.testkit.Script
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.toList
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNamingStrategy
import kotlinx.serialization.ExperimentalSerializationApi
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Values of kotlinx.serialization in requests, responses and flows. */
@Timeout(60)
internal class ValuesTest {
  @Serializable data class Order(val id: Int, val items: List<Item> = listOf())

  @Serializable data class Item(val name: String, val unitPrice: Double)

  @Serializable
  data class Positive(val number: Int) {
    init {
      if (number <= 0) throw ArithmeticException("$number is not positive")
    }
  }

  @Test
  fun aValueGoesToAServerAndBack() = soon {
    val order = Order(7, listOf(Item("rope", 12.5)))
    val echo = Script { visit ->
      val asked = visit.request()!!
      assertThat(asked.headers().first("content-type")).contains("application/json")
      visit.respond(200, asked.body().utf8())
    }
    Origin.start(echo).use { origin ->
      Client.open().use { client ->
        val request = Request.of("POST", "/").body(Json.codec<Order>(), order)
        assertThat(client.fetch("${origin.uri("http", "/orders")}", request).value(Json.codec<Order>())).isEqualTo(order)
      }
    }
  }

  @Test
  fun aStatusThatIsNoSuccessIsNoValue() = soon {
    Origin.start(Script { it.request(); it.respond(404, "{}") }).use { origin ->
      Client.open().use { client ->
        val answer = client.fetch("${origin.uri("http", "/orders/8")}")
        val thrown = assertThrows<FailedException> { answer.value(Json.codec<Order>()) }
        assertThat((thrown.reason() as Reason.Status).status()).isEqualTo(404)
      }
    }
  }

  @Test
  fun genericTypesKeepTheirArguments() {
    val codec = Json.codec<Map<String, List<Item>>>()
    val items = mapOf("one" to listOf(Item("rope", 1.0)))
    assertThat(codec.read(codec.write(items))).isEqualTo(items)
    assertThat(codec.type().typeName).startsWith("java.util.Map<java.lang.String,").contains("Item")
  }

  @Test
  fun aFormatOfTheUsersIsUsed() {
    @OptIn(ExperimentalSerializationApi::class)
    val snake = Json { namingStrategy = JsonNamingStrategy.SnakeCase }
    assertThat(snake.codec<Item>().text(Item("rope", 1.5))).isEqualTo(Text("""{"name":"rope","unit_price":1.5}"""))
  }

  @Test
  fun whatCannotBeReadIsNamedWithItsPlace() {
    val thrown = unreadable(Json.codec<Order>(), """{"id":7,"items":[{"name":"rope","unitPrice":"cheap"}]}""")
    assertThat(thrown.path()).isEqualTo("$.items[0].unitPrice")
    assertThat(thrown.type()).isEqualTo(Order::class.java)
    assertThat(thrown.detail()).doesNotContain("JSON input")
  }

  @Test
  fun onlyOneWholeValueIsRead() {
    val codec = Json.codec<Item>()
    val item = """{"name":"rope","unitPrice":1.5}"""
    assertThat(codec.read(item)).isEqualTo(Item("rope", 1.5))
    for (bad in listOf("", "null", "$item $item", "{", """{"name":"rope"}""")) {
      unreadable(codec, bad)
    }
    assertThrows<UnreadableException> { codec.read(Bytes.wrap(byteArrayOf('"'.code.toByte(), -1, '"'.code.toByte()))) }
  }

  @Test
  fun aConstructorThatRefusesIsUnreadable() {
    assertThat(unreadable(Json.codec<Positive>(), """{"number":0}""").detail()).contains("0 is not positive")
  }

  @Test
  fun aValueThatCannotBeWrittenIsMisuse() {
    assertThrows<IllegalArgumentException> { Json.codec<Item>().write(Item("rope", Double.NaN)) }
  }

  @Test
  fun textsOfAFlowAreValues() = soon {
    val frames = flowOf<Frame>(text("one"), Ping.EMPTY, text("two"), Close.NORMAL)
    assertThat(frames.texts(Json.codec<Item>()).toList().map { it.name }).containsExactly("one", "two")
  }

  @Test
  fun aTextThatCannotBeReadEndsTheFlowUnlessItIsSkipped() = soon {
    val frames = flowOf(text("one"), Text("nonsense"), Binary(byteArrayOf(1)), text("two"))
    val thrown = assertThrows<FailedException> { frames.texts(Json.codec<Item>()).toList() }
    val why = thrown.reason() as Reason.Unreadable
    assertThat(why.what()).isEqualTo("message 2 of the flow")
    assertThat(why.content().utf8()).isEqualTo("nonsense")
    val skipped = mutableListOf<String>()
    val names = frames.texts(Json.codec<Item>()) { skipped += it.what() }.toList().map { it.name }
    assertThat(names).containsExactly("one", "two")
    assertThat(skipped).containsExactly("message 2 of the flow", "message 3 of the flow")
  }

  private fun text(name: String): Text = Json.codec<Item>().text(Item(name, 1.0))

  private fun unreadable(codec: BodyCodec<*>, text: String) = assertThrows<UnreadableException> { codec.read(text) }
}
