package dev.lariat.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = {
      "Reports what a recording shows: its sessions, the gaps between them, latencies and rates of"
          + " messages. Each finding is ok, a note or a problem. The exit code is 12 if there is a"
          + " problem."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Report implements Callable<Integer> {
  private final Io io;

  @Parameters(paramLabel = "FILE", description = "A file that lariat record has written.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "Write the findings as one JSON object.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write the page as HTML, with the timeline of the session as a picture. The file is"
              + " replaced if it exists.")
  private @Nullable Path html;

  Report(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    Page page = new Account(Recording.read(file)).page();
    if (html != null) {
      HtmlPage.write(page, html);
    }
    io.out().println(json ? page.json().toString() : page.text().stripTrailing());
    return page.hasProblem() ? Exit.PROBLEM : Exit.OK;
  }
}
