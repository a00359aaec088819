/** The command line. It is a module so that the compiler holds it to what the library exports. */
@org.jspecify.annotations.NullMarked
module dev.lariat.cli {
  requires dev.lariat;
  requires dev.lariat.testkit;
  requires static org.jspecify;
  requires info.picocli;
  requires org.jline.reader;
  requires org.jline.terminal;

  opens dev.lariat.cli to
      info.picocli;
}
