package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Up;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What comes into a mailbox, and what its reader takes over: order, counts and what is dropped. */
class TakenTest {
  private final ConnectionRef connection = () -> "test";
  private final StreamRef a = () -> connection;
  private final StreamRef b = new StreamRef() { // not the same object as the lambda
        @Override
        public ConnectionRef connection() {
          return connection;
        }
      };
  private final Incoming incoming = new Incoming();
  private final Taken taken = new Taken();

  private static Data data(StreamRef stream, int size) {
    return new Data(stream, false, Bytes.wrap(new byte[size]));
  }

  private Up up() {
    return new Up(connection, Protocol.HTTP_1_1);
  }

  private void come(Message... batch) {
    incoming.add(batch, batch.length, Weight.of(batch, batch.length));
  }

  private List<Message> readAll() {
    List<Message> all = new ArrayList<>();
    while (!taken.isEmpty()) {
      all.add(taken.next());
    }
    return all;
  }

  private void assertHeld(int messages, long bytes, long states) {
    assertThat(incoming.count() + taken.count()).isEqualTo(messages);
    assertThat(incoming.bytes() - taken.bytes()).isEqualTo(bytes);
    assertThat(incoming.states() - taken.states()).isEqualTo(states);
  }

  @Test
  void whatIsTakenOverComesAfterWhatIsLeft() {
    List<Message> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Data message = data(a, i);
      expected.add(message);
      come(message);
      if (i % 7 == 3) {
        taken.takeOver(incoming);
      }
      if (i % 10 == 9) {
        assertThat(taken.next()).isSameAs(expected.removeFirst());
      }
    }
    taken.takeOver(incoming);
    assertThat(readAll()).isEqualTo(expected);
    assertHeld(0, 0, 0);
  }

  @Test
  void allIsCountedWhereverItIs() {
    come(data(a, 3), up(), data(b, 4));
    assertHeld(3, 7, 1);
    taken.takeOver(incoming);
    come(up());
    assertHeld(4, 7, 2);
    taken.next();
    assertHeld(3, 4, 2);
    taken.next();
    assertHeld(2, 4, 1);
    assertThat(taken.drop(message -> true)).isEqualTo(1);
    assertHeld(1, 0, 1);
  }

  @Test
  void theFirstMessageOfAStreamIsTakenFromAmongOthers() {
    Data first = data(a, 1);
    come(data(b, 1), data(b, 2), first, data(a, 2));
    taken.takeOver(incoming);
    assertThat(taken.next(a, 3)).as("searched too far").isNotSameAs(first);
    assertThat(taken.next(a, 2)).isSameAs(first);
    assertThat(taken.next(a, 0)).isNull();
    assertThat(readAll()).containsExactly(data(b, 1), data(b, 2));
    assertHeld(0, 0, 0);
  }

  @Test
  void theOldestStatesAreDroppedAndNothingElse() {
    Up last = up();
    come(up(), data(a, 1), up(), last);
    incoming.dropStates(0);
    assertHeld(4, 1, 3);
    incoming.dropStates(2);
    assertHeld(2, 1, 1);
    taken.takeOver(incoming);
    assertThat(taken.next()).isEqualTo(data(a, 1));
    assertThat(taken.next()).isSameAs(last);
  }

  @Test
  void aDroppedStreamKeepsItsEnd() {
    StreamFailed end = new StreamFailed(a, new Reason.Cancelled());
    come(data(a, 5), data(b, 2), end);
    incoming.drop(a);
    assertHeld(2, 2, 0);
    taken.takeOver(incoming);
    assertThat(readAll()).containsExactly(data(b, 2), end);
  }

  @Test
  void aForgottenStreamIsKeptOutUpToItsEnd() {
    incoming.forget(a);
    come(data(a, 5), data(b, 2), new StreamFailed(a, new Reason.Cancelled()), up());
    assertHeld(2, 2, 1);
    come(data(a, 1)); // nothing comes after the end, so nothing is remembered
    assertHeld(3, 3, 1);
  }
}
