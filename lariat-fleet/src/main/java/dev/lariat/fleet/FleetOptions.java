package dev.lariat.fleet;

import dev.lariat.option.Budget;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** The options of a {@link Fleet}. Start with {@link #DEFAULT}, and set what you need. */
public final class FleetOptions {
  private static final Duration LONGEST = Duration.ofHours(1);

  /** The defaults of every option. */
  public static final FleetOptions DEFAULT = new FleetOptions(new Values());

  private final Values values;

  /** The values of all options. Nothing writes to those that an options object keeps. */
  private static final class Values implements Cloneable {
    int slots = 256;
    Placement placement = Placement.alone();
    Duration saveInterval = Duration.ofMillis(200);
    Duration closing = Duration.ofSeconds(10);
    Duration answerTimeout = Duration.ofSeconds(10);
    int batch = 1000;
    int buffer = 10_000;
    long bufferBytes = 4 << 20;
    Optional<Budget> budget = Optional.empty();
    Optional<FleetListener> listener = Optional.empty();

    @Override
    public Values clone() {
      try {
        return (Values) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e); // it is Cloneable
      }
    }
  }

  private FleetOptions(Values values) {
    this.values = values;
  }

  private FleetOptions with(Consumer<Values> change) {
    Values copy = values.clone();
    change.accept(copy);
    return new FleetOptions(copy);
  }

  /** {@return how many slots the fleet has} */
  public int slots() {
    return values.slots;
  }

  /**
   * Sets how many slots the fleet has: 1 to 65,536, 256 by default. Each feed belongs to one of
   * them, by a hash of its id. A slot is what nodes own, and has a thread that reads its feeds. The
   * number is in the store of positions, and cannot change later.
   *
   * @param slots how many
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions slots(int slots) {
    Allowed.range("fleet.slots", slots, 1, 1 << 16);
    return with(values -> values.slots = slots);
  }

  /** {@return which slots this node has} */
  public Placement placement() {
    return values.placement;
  }

  /**
   * Sets which slots this node has; all of them by default, {@link Placement#alone()}.
   *
   * @param placement the placement
   * @return a copy of these options with this value
   */
  public FleetOptions placement(Placement placement) {
    Allowed.present("fleet.placement", placement);
    return with(values -> values.placement = placement);
  }

  /** {@return how long a position may wait before it is stored} */
  public Duration saveInterval() {
    return values.saveInterval;
  }

  /**
   * Sets how long a position may wait before it is stored: 1 ms to 1 hour, 200 ms by default. The
   * events of this time arrive again after a crash.
   *
   * @param saveInterval the longest wait
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions saveInterval(Duration saveInterval) {
    Allowed.range("fleet.saveInterval", saveInterval, Allowed.MIN, LONGEST);
    return with(values -> values.saveInterval = saveInterval);
  }

  /** {@return how long a slot may take to be left} */
  public Duration closing() {
    return values.closing;
  }

  /**
   * Sets how long a slot may take to be left in good order, as in {@code close}: 1 ms to 1 hour, 10
   * s by default. After that, its last events are dropped, and arrive again where it opens next.
   *
   * @param closing the longest time
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions closing(Duration closing) {
    Allowed.range("fleet.closing", closing, Allowed.MIN, LONGEST);
    return with(values -> values.closing = closing);
  }

  /** {@return how long another node may take to answer} */
  public Duration answerTimeout() {
    return values.answerTimeout;
  }

  /**
   * Sets how long another node may take to answer a {@link Fleet#send}: 1 ms to 1 hour, 10 s by
   * default.
   *
   * @param answerTimeout the longest time
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions answerTimeout(Duration answerTimeout) {
    Allowed.range("fleet.answerTimeout", answerTimeout, Allowed.MIN, LONGEST);
    return with(values -> values.answerTimeout = answerTimeout);
  }

  /** {@return how many events are written at once} */
  public int batch() {
    return values.batch;
  }

  /**
   * Sets how many events are written at once, at most: 1 to 100,000, 1,000 by default.
   *
   * @param batch how many events
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions batch(int batch) {
    Allowed.range("fleet.batch", batch, 1, 100_000);
    return with(values -> values.batch = batch);
  }

  /** {@return how many messages of a slot may wait for the sink} */
  public int buffer() {
    return values.buffer;
  }

  /**
   * Sets how many messages of a slot may wait for the sink before its feeds stop reading: 1 to
   * 2^30, 10,000 by default.
   *
   * @param buffer how many messages
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions buffer(int buffer) {
    Allowed.range("fleet.buffer", buffer, 1, 1 << 30);
    return with(values -> values.buffer = buffer);
  }

  /** {@return how many bytes of a slot may wait for the sink} */
  public long bufferBytes() {
    return values.bufferBytes;
  }

  /**
   * Sets how many bytes of a slot may wait for the sink before its feeds stop reading: 1 to 2^40, 4
   * MiB by default.
   *
   * @param bufferBytes how many bytes
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public FleetOptions bufferBytes(long bufferBytes) {
    Allowed.range("fleet.bufferBytes", bufferBytes, 1, 1L << 40);
    return with(values -> values.bufferBytes = bufferBytes);
  }

  /** {@return the budget of attempts that all feeds share} */
  public Optional<Budget> budget() {
    return values.budget;
  }

  /**
   * Sets a budget of attempts that all feeds of this node share, except those whose own {@code
   * healing} has one; none by default. A server that limits logins needs it when all feeds
   * reconnect. A {@link FleetBudget} is divided among the nodes; any other one is for this node.
   *
   * @param budget the budget
   * @return a copy of these options with this value
   */
  public FleetOptions budget(Budget budget) {
    Allowed.present("fleet.budget", budget);
    return with(values -> values.budget = Optional.of(budget));
  }

  /** {@return who receives the events} */
  public Optional<FleetListener> listener() {
    return values.listener;
  }

  /**
   * Sets who receives the events; nobody by default.
   *
   * @param listener the listener
   * @return a copy of these options with this value
   */
  public FleetOptions listener(FleetListener listener) {
    Allowed.present("fleet.listener", listener);
    return with(values -> values.listener = Optional.of(listener));
  }
}
