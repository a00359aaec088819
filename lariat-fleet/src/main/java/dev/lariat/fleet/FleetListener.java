package dev.lariat.fleet;

/** Receives the events of a fleet. */
@FunctionalInterface
public interface FleetListener {

  /**
   * Something has happened. Several threads call it, at most one at a time. It must not block,
   * since the fleet waits for it. If it throws, the log reports the exception.
   *
   * @param event what has happened
   */
  void happened(FleetEvent event);
}
