package dev.lariat.kotlin

import dev.lariat.message.Binary
import dev.lariat.message.Bytes
import dev.lariat.message.Close
import dev.lariat.message.Connecting
import dev.lariat.message.ContentMessage
import dev.lariat.message.Data
import dev.lariat.message.Down
import dev.lariat.message.Frame
import dev.lariat.message.Gone
import dev.lariat.message.Inform
import dev.lariat.message.Message
import dev.lariat.message.Notice
import dev.lariat.message.Open
import dev.lariat.message.Ping
import dev.lariat.message.Pong
import dev.lariat.message.Push
import dev.lariat.message.Reason
import dev.lariat.message.Rejected
import dev.lariat.message.Response
import dev.lariat.message.Retrying
import dev.lariat.message.ServerSentEvent
import dev.lariat.message.StreamFailed
import dev.lariat.message.SubprotocolMessage
import dev.lariat.message.Terminated
import dev.lariat.message.Text
import dev.lariat.message.Trailers
import dev.lariat.message.TunnelUp
import dev.lariat.message.Up
import dev.lariat.message.Upgraded
import dev.lariat.message.Waiting
import dev.lariat.message.WebSocketClosed
import dev.lariat.message.WebSocketFrame
import dev.lariat.message.WebSocketPart
import dev.lariat.message.ConnectionRef
import dev.lariat.message.LiveRef
import java.util.Optional
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** Kotlin knows Java's sealed types: a `when` over them that compiles without `else` is complete. */
internal class SealedTest {
  private object Live : LiveRef {
    override fun authority(): String = "feed.example"
  }

  @Test
  fun aWhenOverMessagesIsComplete() {
    assertThat(name(Open(Live, 3, Optional.empty(), dev.lariat.message.Headers.EMPTY))).isEqualTo("open 3")
    assertThat(name(Gone(Live, Reason.OwnerClosed()))).isEqualTo("gone: owner closed")
    assertThat(name(WebSocketFrame(Live, Text("one")))).isEqualTo("frame one")
  }

  @Test
  fun aWhenOverFramesIsComplete() {
    assertThat(listOf(Text("one"), Binary(byteArrayOf(1, 2)), Ping.EMPTY, Pong.EMPTY, Close.NORMAL).map(::content))
      .containsExactly("one", "2 bytes", "ping", "pong", "close 1000")
  }

  private fun name(message: Message): String =
    when (message) {
      is Connecting -> "connecting"
      is Open -> "open ${message.session()}"
      is Waiting -> "waiting"
      is Gone -> if (message.reason() is Reason.OwnerClosed) "gone: owner closed" else "gone"
      is WebSocketFrame -> "frame ${content(message.frame())}"
      is WebSocketPart, is WebSocketClosed -> "WebSocket"
      is ServerSentEvent -> "event"
      is Response, is Inform, is Data, is Trailers, is Push, is StreamFailed -> "response"
      is ContentMessage, is SubprotocolMessage -> "value"
      is Upgraded, is TunnelUp -> "upgrade"
      is Up, is Down, is Retrying, is Rejected, is Terminated -> "connection"
      is Notice ->
        when (message.detail()) {
          is Notice.Dropped, is Notice.GoingAway, is Notice.ListenerThrew, is Notice.PingAcknowledged -> "notice"
          is Notice.ReceiverThrew, is Notice.SettingsChanged, is Notice.Unsolicited -> "notice"
        }
    }

  private fun content(frame: Frame): String =
    when (frame) {
      is Text -> frame.text()
      is Binary -> "${frame.bytes().size()} bytes"
      is Ping -> "ping"
      is Pong -> "pong"
      is Close -> "close ${frame.code()}"
    }
}
