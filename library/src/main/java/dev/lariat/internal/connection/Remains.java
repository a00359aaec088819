package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the lost links of a connection still have to tell. Their engines linger for streams that
 * keep what came before the end, since it waits for credit or for room in an inbox.
 */
final class Remains {
  /** The roots whose engines linger, the oldest first; a constant before there was one. */
  private List<Hosting> roots = List.of();

  boolean isEmpty() {
    return roots.isEmpty();
  }

  /** The lane of this root has ended: its engine lingers, or not, or no more. */
  void changed(Hosting root) {
    if (root.lingers()) {
      roots = roots.isEmpty() ? new ArrayList<>(1) : roots;
      roots.add(root);
    } else if (!roots.isEmpty()) {
      roots.remove(root);
    }
  }

  private void each(Consumer<Hosting> call) {
    if (!roots.isEmpty()) {
      List.copyOf(roots).forEach(call); // one that ends meanwhile is removed
    }
  }

  /** The hosting that has this stream; null if none of them has. */
  @Nullable Hosting of(Stream stream) {
    for (Hosting root : roots) {
      Hosting its = root.at(stream);
      if (its.standing(stream.ref()) != null) {
        return its;
      }
    }
    return null;
  }

  int streams() {
    return roots.stream().mapToInt(Hosting::streams).sum();
  }

  void applyReading() {
    each(root -> root.nested().applyReading());
  }

  void roomAgain() {
    each(Hosting::roomAgain);
  }

  /** Carries out what one of them has asked for; false if none has. */
  boolean carryOut() {
    for (Hosting root : roots) {
      if (root.asks()) {
        try {
          root.carryOut();
        } catch (Throwable e) {
          root.fault(e); // it has no engine any more, and ends in the next step
        }
        return true;
      }
    }
    return false;
  }

  /** Gives them this many nanoseconds at most. */
  void shutdown(long closing) {
    each(root -> root.endWithin(closing));
  }

  /** Asks for their end, and with it that of all that they keep. */
  void fail(Reason reason) {
    each(root -> root.fail(reason));
  }

  /** Ends them, and all that they keep. */
  void end(Reason reason) {
    each(root -> root.close(reason));
  }

  long deadline() {
    long deadline = Engine.NEVER;
    for (Hosting root : roots) {
      deadline = Math.min(deadline, Math.min(root.deadline(), root.nested().deadline()));
    }
    return deadline;
  }

  void elapsed(long now) {
    each(
        root -> {
          root.elapsed();
          root.nested().elapsed(now);
        });
  }
}
