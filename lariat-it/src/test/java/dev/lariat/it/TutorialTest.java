package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.examples.ReceiveLoop;
import dev.lariat.examples.StateMachine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tutorial's programs, against a server that nobody here wrote. */
@Timeout(60)
final class TutorialTest {
  private interface Program {
    void main(String[] arguments) throws Exception;
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void theReceiveLoopSaysHelloAndLeaves() throws Exception {
    assertThat(printed(ReceiveLoop::main))
        .containsSubsequence(
            "up, speaking http/1.1",
            "upgraded to websocket",
            "text hello",
            "close 1000",
            "the end: ");
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void theStateMachineSaysHelloAndLeaves() throws Exception {
    assertThat(printed(StateMachine::main))
        .containsSubsequence(
            "Away[]: Up[", "Upgraded[", "Text[text=hello]", "WebSocketClosed[", "Terminated[");
  }

  private static String printed(Program program) throws Exception {
    String port = String.valueOf(Servers.python().port(0));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.main(new String[] {"127.0.0.1", port, "/echo"});
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
