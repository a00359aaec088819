package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import org.junit.jupiter.api.Test;

class FailedExceptionTest {
  private static final Reason CLOSED = new Reason.Closed();

  @Test
  void itsMessageIsTheSentenceOfItsReason() {
    FailedException failed = new FailedException(CLOSED);

    assertThat(failed).hasMessage(CLOSED.sentence()).hasNoCause();
    assertThat(failed.reason()).isSameAs(CLOSED);
  }

  @Test
  void itsCauseIsTheFailureThatItsReasonNames() {
    FailedException failed = new FailedException(new Reason.Unanswered(CLOSED));

    assertThat(failed).hasCauseInstanceOf(FailedException.class);
    assertThat(failed.getCause()).hasMessage(CLOSED.sentence());
  }

  @Test
  void itsCauseIsWhatWasThrown() {
    RuntimeException thrown = new RuntimeException("on purpose");

    assertThat(new FailedException(new Reason.HandlerThrew(thrown))).hasCause(thrown);
  }

  @Test
  void anotherFailureMayHaveLedToIt() {
    Reason over = new Reason.BadState("send", "the connection has terminated");
    FailedException failed = new FailedException(over, CLOSED);

    assertThat(failed.reason()).isSameAs(over);
    assertThat(failed.getCause()).hasMessage(CLOSED.sentence());
  }
}
