package dev.lariat.fleet.yaml;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Where values come from.
 *
 * @param file the file, which errors name
 * @param environment the value of a variable; null if it is not set
 */
record Source(Path file, Function<String, @Nullable String> environment) {
  private static final int LONGEST = 64 << 20; // characters: about 300,000 feeds

  /** The root of the file; null if there is nothing in it. */
  @Nullable Value root(String text) {
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(LONGEST).setUseMarks(true).build();
    StreamReader reader = new StreamReader(settings, new StringReader(text));
    try {
      Optional<Node> root =
          new Composer(settings, new ParserImpl(settings, reader)).getSingleNode();
      return root.map(node -> new Value(this, "file", node)).orElse(null);
    } catch (MarkedYamlEngineException e) {
      throw new IllegalArgumentException(place(e.getProblemMark()) + ": " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  RefusedException refused(Node node, String what) {
    return new RefusedException(place(node.getStartMark()) + ": " + what);
  }

  private String place(Optional<Mark> mark) {
    return file
        + mark.map(its -> ", line " + (its.getLine() + 1) + ", column " + (its.getColumn() + 1))
            .orElse("");
  }
}
