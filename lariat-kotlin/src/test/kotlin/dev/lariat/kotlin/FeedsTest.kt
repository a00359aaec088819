package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.live.LiveEvents
import dev.lariat.live.Topics
import dev.lariat.message.Binary
import dev.lariat.message.Close
import dev.lariat.message.Connecting
import dev.lariat.message.Frame
import dev.lariat.message.Gone
import dev.lariat.message.Open
import dev.lariat.message.Reason
import dev.lariat.message.Text
import dev.lariat.message.Waiting
import dev.lariat.message.WebSocketFrame
import dev.lariat.option.EventOptions
import dev.lariat.option.LiveOptions
import dev.lariat.option.Outbox
import dev.lariat.option.TopicOptions
import dev.lariat.option.TopicRule
import dev.lariat.testkit.Origin
import dev.lariat.testkit.Script
import dev.lariat.testkit.WebSocketVisit
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Live connections as flows, over real sockets. */
@Timeout(60)
internal class FeedsTest {
  @Test
  fun aFlowHasTheFramesOfAllSessions() = soon {
    Origin.start(says("one", "two"), closing(CompletableFuture(), Text("three"))).use { origin ->
      val texts = origin.feed().frames().map { (it as Text).text() }.take(3).toList()
      assertThat(texts).containsExactly("one", "two", "three")
      assertThat(origin.visits()).isEqualTo(2)
    }
  }

  @Test
  fun aFlowOfMessagesTellsEachChangeOfState() = soon {
    Origin.start(says("one"), says("two"), Script.silent()).use { origin ->
      val told = mutableListOf<String>()
      origin.feed().messages().takeWhile { told.size < 7 }.collect { message ->
        when (message) {
          is Connecting -> told += "connecting"
          is Open -> told += "open ${message.session()}"
          is WebSocketFrame -> told += "frame ${(message.frame() as Text).text()}"
          is Waiting -> told += "waiting"
          else -> Unit
        }
      }
      assertThat(told)
        .containsExactly("connecting", "open 1", "frame one", "waiting", "connecting", "open 2", "frame two")
    }
  }

  @Test
  fun onlyACollectionOpensAndEachHasALiveWebSocketOfItsOwn() = soon {
    Origin.start(Script.echo()).use { origin ->
      val frames = origin.feed().onOpen { it.send(Text("hello")) }.frames()
      assertThat(origin.visits()).isZero()
      assertThat(frames.first()).isEqualTo(Text("hello"))
      assertThat(frames.first()).isEqualTo(Text("hello"))
      assertThat(origin.visits()).isEqualTo(2)
    }
  }

  @Test
  fun aCancelledCollectionReturnsWhenItsSessionIsClosedWith1001() = soon {
    val closed = CompletableFuture<Frame?>()
    Origin.start(closing(closed, Text("one"))).use { origin ->
      val received = CompletableDeferred<Frame>()
      val job = launch { origin.feed().frames().collect { received.complete(it) } }
      assertThat(received.await()).isEqualTo(Text("one"))
      job.cancelAndJoin()
      assertThat(closed.getNow(null)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun anOperatorThatHasEnoughClosesTheSession() = soon {
    val closed = CompletableFuture<Frame?>()
    Origin.start(closing(closed, Text("one"))).use { origin ->
      assertThat(origin.feed().frames().first()).isEqualTo(Text("one"))
      assertThat(closed.getNow(null)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun aCollectorThatThrowsClosesTheSession() = soon {
    val closed = CompletableFuture<Frame?>()
    Origin.start(closing(closed, Text("one"))).use { origin ->
      val thrown =
        assertThrows<NumberFormatException> {
          origin.feed().frames().collect { (it as Text).text().toInt() }
        }
      assertThat(thrown).hasMessageContaining("one")
      assertThat(closed.getNow(null)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun aFailureBesideAFlowClosesItsSessionBeforeTheScopeEnds() = soon {
    val closed = CompletableFuture<Frame?>()
    Origin.start(closing(closed, Text("one"))).use { origin ->
      val received = CompletableDeferred<Frame>()
      val thrown =
        assertThrows<IllegalStateException> {
          coroutineScope {
            launch { origin.feed().frames().collect { received.complete(it) } }
            received.await()
            error("beside")
          }
        }
      assertThat(thrown).hasMessage("beside")
      assertThat(closed.getNow(null)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun theServerIsBlockedWhileNothingIsCollected() = soon {
    val sent = AtomicInteger()
    val closed = CompletableFuture<Frame?>()
    Origin.start(floods(sent, closed)).use { origin ->
      val collected = AtomicInteger()
      origin.feed().frames().take(FLOOD).collect {
        if (collected.incrementAndGet() == 1) {
          standsStill(sent)
          assertThat(sent.get()).isLessThan(FLOOD / 2)
        }
      }
      assertThat(collected.get()).isEqualTo(FLOOD)
      assertThat(sent.get()).isEqualTo(FLOOD)
      assertThat(closed.getNow(null)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun aCancelledCollectionOfABlockedServerClosesItsSession() = soon {
    val sent = AtomicInteger()
    val closed = CompletableFuture<Frame?>()
    Origin.start(floods(sent, closed)).use { origin ->
      val stuck = CompletableDeferred<Unit>()
      val job = launch {
        origin.feed().frames().collect {
          standsStill(sent)
          stuck.complete(Unit)
          awaitCancellation()
        }
      }
      stuck.await()
      assertThat(sent.get()).isLessThan(FLOOD / 2)
      job.cancelAndJoin()
      assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(Close.GOING_AWAY)
    }
  }

  @Test
  fun aFeedThatIsRefusedForGoodThrowsItsReason() = soon {
    Origin.start(Script.status(403)).use { origin ->
      val thrown = assertThrows<FailedException> { origin.feed().frames().collect() }
      assertThat(reason(thrown)).isEqualTo("status 403")
      val last = origin.feed().messages().toList().last()
      assertThat(last).isInstanceOf(Gone::class.java)
    }
  }

  @Test
  fun aFlowOfAnOpenFeedLeavesItOpen() = soon {
    Origin.start(Script.echo()).use { origin ->
      origin.feed().open().use { feed ->
        val echo = feed.frames()
        feed.emit(Text("one"), Text("two"))
        assertThat(echo.take(2).toList()).containsExactly(Text("one"), Text("two"))
        feed.emit(Text("three"))
        assertThat(echo.first()).isEqualTo(Text("three"))
        assertThat(origin.visits()).isEqualTo(1)
      }
    }
  }

  @Test
  fun whoEmitsWaitsForRoomInTheOutbox() = soon {
    Origin.start(Script.echo()).use { origin ->
      val options = LiveOptions.DEFAULT.healing(HEALING)
      origin.refuse()
      val blocks = options.outbox(options.outbox().messages(1).overflow(Outbox.Overflow.BLOCK))
      origin.feed().options(blocks).open().use { feed ->
        feed.emit(Text("one"))
        val second = launch(start = CoroutineStart.UNDISPATCHED) { feed.emit(Text("two")) }
        val cancelled = launch(start = CoroutineStart.UNDISPATCHED) { feed.emit(Text("never")) }
        assertThat(second.isCompleted).isFalse()
        cancelled.cancelAndJoin()
        origin.listen()
        second.join()
        feed.emit(Text("three"))
        assertThat(feed.frames().take(3).toList()).containsExactly(Text("one"), Text("two"), Text("three"))
      }
    }
  }

  @Test
  fun eventsOfAllSessionsAreAFlow() = soon {
    val first = Script { visit ->
      visit.request()
      visit.events().send("1", "one")
    }
    val second = Script { visit ->
      assertThat(visit.request()!!.headers().first("last-event-id")).contains("1")
      val events = visit.events()
      events.send("2", "two")
      visit.awaitEnd()
    }
    Origin.start(first, second).use { origin ->
      val plan = LiveEvents.to(origin.uri("http", "/events")).options(EventOptions.DEFAULT.healing(HEALING))
      assertThat(plan.events().take(2).map { it.data() }.toList()).containsExactly("one", "two")
      origin.awaitScripts(Duration.ofSeconds(10)) // the client has left
    }
  }

  @Test
  fun anEventStreamThatIsRefusedForGoodThrowsItsReason() = soon {
    Origin.start(Script.status(404)).use { origin ->
      val plan = LiveEvents.to(origin.uri("http", "/events")).options(EventOptions.DEFAULT.healing(HEALING))
      val thrown = assertThrows<FailedException> { plan.events().collect() }
      assertThat(reason(thrown)).isEqualTo("status 404")
      assertThat(plan.messages().toList().last()).isInstanceOf(Gone::class.java)
    }
  }

  @Test
  fun aTopicIsAFlowThatUnsubscribesAtItsEnd() = soon {
    val told = CompletableFuture<List<String>>()
    val prices = Script { visit ->
      val socket = visit.acceptWebSocket()
      val asked = MutableList(2) { (socket.receive() as Text).text() }
      socket.send(Text("price BTC 1"))
      socket.send(Text("price ETH 2"))
      socket.send(Text("price BTC 3"))
      asked += (socket.receive() as Text).text()
      told.complete(asked)
      visit.awaitEnd()
    }
    Origin.start(prices).use { origin ->
      val options = TopicOptions.DEFAULT.linger(Duration.ZERO)
      Topics.over(origin.feed(), Prices).options(options).open().use { topics ->
        topics.open("ETH") // or the socket would close with its last topic
        assertThat(topics.frames("BTC").take(2).toList()).containsExactly(Text("price BTC 1"), Text("price BTC 3"))
        assertThat(told.get(10, TimeUnit.SECONDS)).containsExactly("subscribe ETH", "subscribe BTC", "unsubscribe BTC")
      }
    }
  }

  @Test
  fun aTopicThatIsRefusedThrowsItsReason() = soon {
    val refuses = Script { visit ->
      val socket = visit.acceptWebSocket()
      socket.receive()
      socket.send(Text("error BTC unknown"))
      visit.awaitEnd()
    }
    Origin.start(refuses).use { origin ->
      Topics.over(origin.feed(), Prices).open().use { topics ->
        val thrown = assertThrows<FailedException> { topics.frames("BTC").collect() }
        assertThat(thrown.reason()).isEqualTo(Reason.TopicRefused("BTC", "unknown"))
      }
    }
  }

  @Test
  fun manyFeedsThatAreCollectedAtOnceNeedFewThreads() = soon {
    Origin.start(Script.echo()).use { origin ->
      val received = AtomicInteger()
      val all = CompletableDeferred<Unit>()
      val collectors = List(FEEDS) { number ->
        launch {
          origin.feed().onOpen { it.send(Text("$number")) }.frames().onEach {
            if (received.incrementAndGet() == FEEDS) all.complete(Unit)
          }.collect()
        }
      }
      all.await()
      val threads = Thread.getAllStackTraces().keys.count { it.name.contains("Dispatcher") }
      assertThat(threads).isLessThan(FEEDS / 2)
      collectors.forEach { it.cancelAndJoin() }
    }
  }

  private object Prices : TopicRule {
    override fun subscribe(topics: List<String>): List<Frame> = topics.map { Text("subscribe $it") }

    override fun unsubscribe(topics: List<TopicRule.Subscription>): List<Frame> = topics.map { Text("unsubscribe ${it.topic()}") }

    override fun read(frame: Frame): TopicRule.Meaning {
      val words = (frame as Text).text().split(' ')
      return when (words[0]) {
        "price" -> TopicRule.Meaning.of(words[1])
        "error" -> TopicRule.Meaning.refused(words[1], words[2])
        else -> TopicRule.Meaning.CONTROL
      }
    }
  }

  private companion object {
    const val FEEDS = 50
    const val FLOOD = 4_000 // frames: 64 MB, of which the sockets' buffers hold some
    const val QUIET = 20 // looks at what does not change any more

    /** Sends these, and ends without a close frame. */
    fun says(vararg texts: String) = Script { visit ->
      val socket = visit.acceptWebSocket()
      texts.forEach { socket.send(Text(it)) }
    }

    /** Sends these, and tells of the close frame that it gets. */
    fun closing(closed: CompletableFuture<Frame?>, vararg frames: Frame) = Script { visit ->
      val socket = visit.acceptWebSocket()
      frames.forEach { socket.send(it) }
      closed.complete(socket.receive())
    }

    /** Sends more than anybody holds, and tells of the close frame that it gets. */
    fun floods(sent: AtomicInteger, closed: CompletableFuture<Frame?>) = Script { visit ->
      val socket = visit.acceptWebSocket()
      flood(socket, sent)
      closed.complete(socket.receive())
    }

    fun flood(socket: WebSocketVisit, sent: AtomicInteger) {
      val frame = Binary(ByteArray(16_384))
      repeat(FLOOD) {
        socket.send(frame)
        sent.incrementAndGet()
      }
    }

    /** Waits until the server is blocked in a write, or has sent all. */
    suspend fun standsStill(sent: AtomicInteger) {
      var before = -1
      var same = 0
      while (same < QUIET) {
        delay(10.milliseconds)
        val now = sent.get()
        same = if (now == before) same + 1 else 0
        before = now
      }
    }

    fun reason(thrown: FailedException): String =
      when (val reason = thrown.reason()) {
        is Reason.Status -> "status ${reason.status()}"
        is Reason.GaveUp -> "gave up after ${reason.attempts()}"
        else -> reason.sentence()
      }
  }
}
