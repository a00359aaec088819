package dev.lariat.it.fuzzing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a script does next. */
sealed interface Step {

  /** Sends octets, in pieces of the size {@code chop}. */
  record Send(byte[] octets, int chop) implements Step {}

  /**
   * Waits while the connection is open.
   *
   * @param name what a wait to its end is noted as, if it is
   * @param owed whether the client owes something, so that only a bad one lets it run to its end
   */
  record Wait(Optional<String> name, boolean owed) implements Step {}

  /** Sends these frames in one piece. */
  static List<Step> together(Frame... frames) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      octets.writeBytes(frame.octets());
    }
    return List.of(whole(octets.toByteArray()));
  }

  /** Sends these frames in a piece each. */
  static List<Step> apart(Frame... frames) {
    List<Step> steps = new ArrayList<>();
    for (Frame frame : frames) {
      steps.add(whole(frame.octets()));
    }
    return steps;
  }

  /** Sends these frames in pieces of so many octets each. */
  static List<Step> chopped(int chop, Frame... frames) {
    List<Step> steps = new ArrayList<>();
    for (Frame frame : frames) {
      steps.add(new Send(frame.octets(), chop));
    }
    return steps;
  }

  static Step whole(byte[] octets) {
    return new Send(octets, Math.max(1, octets.length));
  }
}
