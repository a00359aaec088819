package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SparseQueueTest {
  private static final int STEPS = 100_000;

  @Test
  void itDoesAsADequeDoes() {
    SplittableRandom random = new SplittableRandom(1);
    SparseQueue<Integer> backlog = new SparseQueue<>();
    Deque<Integer> model = new ArrayDeque<>();
    for (int i = 0; i < STEPS; i++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          backlog.add(i);
          model.addLast(i);
        }
        case 3 -> {
          backlog.addFirst(i);
          model.addFirst(i);
        }
        case 4, 5 -> assertThat(backlog.poll()).isEqualTo(model.poll());
        case 6 -> {
          if (!model.isEmpty()) {
            assertThat(backlog.removeLast()).isEqualTo(model.removeLast());
          }
        }
        case 7 -> {
          int odd = random.nextInt(2);
          removeEachSecond(backlog, odd);
          removeEachSecond(model, odd);
        }
        case 8 -> {
          Integer wanted = i - random.nextInt(1, 10);
          assertThat(backlog.remove(wanted)).isEqualTo(model.remove(wanted));
        }
        default -> {
          if (random.nextInt(20) == 0) {
            backlog.clear();
            model.clear();
          }
        }
      }
      assertThat(backlog.size()).isEqualTo(model.size());
      assertThat(backlog.isEmpty()).isEqualTo(model.isEmpty());
      assertThat(backlog.peek()).isEqualTo(model.peek());
      assertThat(backlog.peekLast()).isEqualTo(model.peekLast());
      assertThat(backlog.toArray()).isEqualTo(model.toArray());
    }
  }

  private static void removeEachSecond(Iterable<Integer> line, int odd) {
    int at = odd;
    for (Iterator<Integer> i = line.iterator(); i.hasNext(); at++) {
      i.next();
      if (at % 2 == 0) {
        i.remove();
      }
    }
  }

  @Test
  void nothingIsTakenFromAnEmptyOne() {
    SparseQueue<Integer> backlog = new SparseQueue<>();
    assertThatThrownBy(backlog::remove).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(backlog::removeLast).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> backlog.iterator().next()).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(() -> backlog.iterator().remove()).isInstanceOf(IllegalStateException.class);
  }
}
