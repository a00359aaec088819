package dev.lariat.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps how far each feed has been read. It also draws the epochs of slots, and refuses the
 * positions of an older epoch, so that an owner that was replaced cannot set back its successor.
 *
 * <p>The fleet calls its methods from one thread, which may block.
 */
public interface PositionStore extends AutoCloseable {

  /**
   * What the store has of a slot.
   *
   * @param epoch the number of the new tenure, greater than all before
   * @param positions the position of each feed of which the slot has one
   */
  record Claimed(long epoch, Map<String, String> positions) {}

  /**
   * Positions that are to be kept.
   *
   * @param slot the slot of the feeds
   * @param epoch the tenure in which they were reached
   * @param positions the position of each feed that has a new one
   */
  record Saving(int slot, long epoch, Map<String, String> positions) {}

  /**
   * Begins. The fleet calls it once, before all else.
   *
   * @param slots how many slots the fleet has
   * @throws IOException if the store cannot be used, or is for another number of slots
   */
  void open(int slots) throws IOException;

  /**
   * Draws a new epoch for each of these slots. When it returns, positions of older epochs are
   * refused.
   *
   * @param slots the numbers of the slots
   * @return what the store has, for each of them
   * @throws Exception if it is not known whether that was done; the fleet tries again
   */
  Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception;

  /**
   * Reads the positions of slots without a new epoch. A node asks for them that is about to get the
   * slots from another one, so that feeds which overlap can be opened there before. By default, a
   * store cannot do that, and such feeds move like others.
   *
   * @param slots the numbers of the slots
   * @return the position of each feed of which the store has one, for each slot that has some
   * @throws Exception if the store cannot be read
   */
  default Map<Integer, Map<String, String>> positions(Set<Integer> slots) throws Exception {
    throw new UnsupportedOperationException("this store does not read positions without a claim");
  }

  /**
   * Keeps positions, all or none of each slot. When it returns, they are as safe as the store can
   * make them.
   *
   * @param all the positions of several slots
   * @return the slots whose positions are refused, since they have a newer epoch
   * @throws Exception if it is not known whether that was done; the fleet tries again
   */
  Set<Integer> save(List<Saving> all) throws Exception;

  /**
   * A tenure has ended on this node: nothing of this epoch will be saved any more. A store that
   * holds something for it, such as a connection, can let that go. By default, does nothing.
   *
   * @param slot the slot
   * @param epoch the epoch that {@link #claim} had drawn
   */
  default void released(int slot, long epoch) {}

  /** {@return whether several nodes can use it at the same time} */
  boolean shared();

  /**
   * Ends the store; the fleet calls this when it is closed.
   *
   * @throws IOException if it cannot be closed
   */
  @Override
  void close() throws IOException;

  /**
   * {@return a store in a file of this machine, for a fleet in one process} Each change is appended
   * and forced to the disk before it counts. The file is written anew when most of it is outdated.
   * If the machine dies while it writes, the incomplete end is cut off at the next start. A file
   * that is damaged elsewhere is refused, and so is one that another process uses.
   *
   * @param file the file, which is made if there is none
   */
  static PositionStore file(Path file) {
    return new PositionLog(Allowed.present("positions.file", file));
  }

  /** {@return a store that forgets everything at the end of the process} */
  static PositionStore inMemory() {
    return new PositionMemory();
  }
}
