package dev.lariat.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A placement of two nodes in one process: the first has the even slots, the second the odd. */
final class TwoNodes implements Placement {
  private final List<Node> nodes = new CopyOnWriteArrayList<>();
  private final boolean carries;
  volatile boolean deaf; // whether requests are lost on their way

  TwoNodes(boolean carries) {
    this.carries = carries;
  }

  @Override
  public Membership join(int slots, Node node) {
    int number = nodes.size();
    nodes.add(node);
    node.members(2);
    for (int slot = number; slot < slots; slot += 2) {
      node.taken(slot, 1);
    }
    return new Member(name(number));
  }

  private static String name(int number) {
    return "node " + number;
  }

  @Override
  public boolean shared() {
    return true;
  }

  private final class Member implements Membership {
    private final String name;

    Member(String name) {
      this.name = name;
    }

    @Override
    public String node() {
      return name;
    }

    @Override
    public Optional<String> owner(int slot) {
      return Optional.of(name(slot % 2));
    }

    @Override
    public boolean holds(int slot, long grant) {
      return true;
    }

    @Override
    public void left(int slot, long grant) {}

    @Override
    public Optional<CompletionStage<byte[]>> forward(int slot, byte[] request, Duration timeout) {
      if (!carries) {
        return Optional.empty();
      }
      return Optional.of(
          deaf
              ? new CompletableFuture<byte[]>().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
              : nodes.get(slot % 2).received(request));
    }

    @Override
    public void close() {}
  }
}
