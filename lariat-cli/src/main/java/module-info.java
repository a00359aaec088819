/** The command line. It is a module so that the compiler holds it to what the library exports. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-automatic") // HdrHistogram has no module name of its own
module dev.lariat.cli {
  requires dev.lariat;
  requires dev.lariat.fleet.yaml;
  requires dev.lariat.testkit;
  requires HdrHistogram;
  requires static org.jspecify;
  requires info.picocli;
  requires java.logging;
  requires org.jline.reader;
  requires org.jline.terminal;

  uses dev.lariat.fleet.FleetProvider;

  opens dev.lariat.cli to
      info.picocli,
      java.logging;
}
