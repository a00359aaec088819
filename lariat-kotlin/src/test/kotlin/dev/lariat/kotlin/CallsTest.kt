package dev.lariat.kotlin

import dev.lariat.FailedException
import dev.lariat.Lariat
import dev.lariat.client.Caller
import dev.lariat.client.Client
import dev.lariat.message.Bytes
import dev.lariat.message.Data
import dev.lariat.message.Headers
import dev.lariat.message.Reason
import dev.lariat.message.Response
import dev.lariat.message.StreamFailed
import dev.lariat.option.Request
import dev.lariat.testkit.Origin
import dev.lariat.testkit.Script
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Calls that suspend, over real sockets. */
@Timeout(60)
internal class CallsTest {
  @Test
  fun aCallSuspendsUntilTheWholeResponseIsThere() = soon {
    Origin.start(echoes()).use { origin ->
      Client.open().use { client ->
        val answers = List(10) { async { client.fetch("${origin.uri("http", "/$it")}").text() } }.awaitAll()
        assertThat(answers).isEqualTo(List(10) { "GET /$it" })
        val posted = client.fetch("${origin.uri("http", "/")}", Request.of("POST", "/").body(Bytes.ofUtf8("rope")))
        assertThat(posted.status()).isEqualTo(200)
        assertThat(posted.text()).isEqualTo("POST / rope")
      }
    }
  }

  @Test
  fun aCallOnAConnectionSuspends() = soon {
    Origin.start(echoes()).use { origin ->
      Lariat.open(origin.uri("http", "/")).use { connection ->
        val answer = Caller.on(connection).fetch(Request.of("GET", "/one"), 10.seconds)
        assertThat(answer.text()).isEqualTo("GET /one")
      }
    }
  }

  @Test
  fun aCallThatFailsThrowsItsReason() = soon {
    Origin.start(Script { it.request() }).use { origin ->
      Client.open().use { client ->
        val thrown =
          assertThrows<FailedException> { client.fetch("${origin.uri("http", "/")}", Request.of("POST", "/"), 10.seconds) }
        assertThat(thrown.reason()).isInstanceOf(Reason.Unanswered::class.java)
      }
    }
  }

  @Test
  fun aCallHasItsTimeout() = soon {
    Origin.start(Script.silent()).use { origin ->
      Client.open().use { client ->
        val thrown = assertThrows<FailedException> { client.fetch("${origin.uri("http", "/")}", timeout = 50.milliseconds) }
        assertThat(thrown.reason()).isInstanceOf(Reason.Timeout::class.java)
      }
    }
  }

  @Test
  fun misuseThrowsAtOnce() = soon {
    Client.open().use { client ->
      val thrown = assertThrows<IllegalArgumentException> { client.fetch("http://localhost/", timeout = 0.seconds) }
      assertThat(thrown).hasMessageContaining("timeout")
    }
  }

  @Test
  fun aCancelledCallIsCancelledAtTheServer() = soon {
    val left = CompletableFuture<Unit>()
    val asked = CompletableDeferred<Unit>()
    Origin.start(waits(asked, left)).use { origin ->
      Client.open().use { client ->
        val job = launch { client.fetch("${origin.uri("http", "/")}") }
        asked.await()
        job.cancelAndJoin()
        left.get(10, TimeUnit.SECONDS)
      }
    }
  }

  @Test
  fun aCancelledCallOnAConnectionIsCancelledAtTheServer() = soon {
    val left = CompletableFuture<Unit>()
    val asked = CompletableDeferred<Unit>()
    Origin.start(waits(asked, left)).use { origin ->
      Lariat.open(origin.uri("http", "/")).use { connection ->
        val job = launch { Caller.on(connection).fetch(Request.of("GET", "/"), 30.seconds) }
        asked.await()
        job.cancelAndJoin()
        left.get(10, TimeUnit.SECONDS)
        assertThat(job.isCancelled).isTrue()
      }
    }
  }

  @Test
  fun aTimeoutOfACoroutineCancelsItsCall() = soon {
    val left = CompletableFuture<Unit>()
    val asked = CompletableDeferred<Unit>()
    Origin.start(waits(asked, left)).use { origin ->
      Client.open().use { client ->
        assertThrows<TimeoutCancellationException> {
          withTimeout(200.milliseconds) { client.fetch("${origin.uri("http", "/")}") }
        }
        left.get(10, TimeUnit.SECONDS)
      }
    }
  }

  @Test
  fun theMessagesOfAResponseAreAFlow() = soon {
    Origin.start(chunks("one", "two")).use { origin ->
      Client.open().use { client ->
        val messages = client.messages("${origin.uri("http", "/")}").toList()
        assertThat((messages.first() as Response).status()).isEqualTo(200)
        assertThat(messages.filterIsInstance<Data>().joinToString("") { it.bytes().utf8() }).isEqualTo("onetwo")
        assertThat(messages.last().ends()).isTrue()
      }
      Lariat.open(origin.uri("http", "/")).use { connection ->
        assertThat(connection.messages(Request.of("GET", "/")).toList().last().ends()).isTrue()
      }
    }
  }

  @Test
  fun aResponseThatBreaksEndsItsFlowWithTheFailure() = soon {
    val breaks = Script { visit ->
      visit.request()
      visit.beginChunked(200, Headers.EMPTY).write("one")
    }
    Origin.start(breaks).use { origin ->
      Client.open().use { client ->
        assertThat(client.messages("${origin.uri("http", "/")}").toList().last()).isInstanceOf(StreamFailed::class.java)
      }
    }
  }

  @Test
  fun aFlowOfAResponseThatIsNotWantedCancelsTheRequest() = soon {
    val left = CompletableFuture<Unit>()
    val endless = Script { visit ->
      visit.request()
      visit.beginChunked(200, Headers.EMPTY).write("one")
      visit.awaitEnd()
      left.complete(Unit)
    }
    Origin.start(endless).use { origin ->
      Client.open().use { client ->
        assertThat(client.messages("${origin.uri("http", "/")}").first()).isInstanceOf(Response::class.java)
        left.get(10, TimeUnit.SECONDS)
      }
    }
  }

  @Test
  fun aRequestThatNoConnectionTakesThrows() = soon {
    Origin.start(Script.silent()).use { origin ->
      origin.refuse()
      Client.open().timeout(java.time.Duration.ofMillis(200)).use { client ->
        assertThrows<FailedException> { client.messages("${origin.uri("http", "/")}").toList() }
      }
    }
  }

  private companion object {
    /** Answers with what it was asked. */
    fun echoes() = Script { visit ->
      while (true) {
        val asked = visit.request() ?: break
        visit.respond(200, "${asked.method()} ${asked.target()} ${asked.body().utf8()}".trim())
      }
    }

    fun chunks(vararg pieces: String) = Script { visit ->
      while (visit.request() != null) {
        val reply = visit.beginChunked(200, Headers.EMPTY)
        pieces.forEach { reply.write(it) }
        reply.end()
      }
    }

    /** Reads a request, and waits until the client has left. */
    fun waits(asked: CompletableDeferred<Unit>, left: CompletableFuture<Unit>) = Script { visit ->
      visit.request()
      asked.complete(Unit)
      visit.awaitEnd()
      left.complete(Unit)
    }
  }
}
