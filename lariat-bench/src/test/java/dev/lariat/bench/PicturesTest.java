package dev.lariat.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PicturesTest {
  private static final Path RECORDS = Path.of("results");
  private static final Path DOCS = Path.of("..", "docs");

  @TempDir Path directory;

  @Test
  void theBarsAreTheMediansBestFirst() throws Exception {
    Files.writeString(
        directory.resolve("split.jsonl"),
        """
        {"workload":"pipe","peer":"netty","round":1,"load":0.10,"rate":500000,"cpu":0.8}
        {"workload":"pipe","peer":"lariat","round":1,"load":0.10,"rate":1000000,"cpu":0.2}
        {"workload":"pipe","peer":"lariat","round":2,"load":0.10,"rate":9000000,"cpu":0.2}
        {"workload":"pipe","peer":"lariat","round":3,"load":0.10,"rate":2000000,"cpu":0.2}
        {"workload":"pipe","peer":"okhttp","round":1,"load":0.10,"error":"exit code 1"}
        """);

    SortedMap<String, String> pictures = Pictures.of(directory);

    assertThat(pictures).containsOnlyKeys("performance-split-pipe.svg");
    String svg = pictures.firstEntry().getValue();
    assertThat(texts(svg))
        .containsExactly(
            "pipe",
            "messages per second, more is better",
            "Lariat, receiver",
            "2.00 M",
            "Netty",
            "500,000");
    List<Double> widths = widths(svg);
    assertThat(widths.get(1)).isCloseTo(widths.get(0) / 4, within(0.1));
  }

  @Test
  void ofTheIdleTheLightestIsFirst() throws Exception {
    Files.writeString(
        directory.resolve("split.jsonl"),
        """
        {"workload":"idle","peer":"jdk","round":1,"heap":60006,"rss":112435}
        {"workload":"idle","peer":"lariat","round":1,"heap":3072,"rss":15565}
        """);

    String svg = Pictures.of(directory).firstEntry().getValue();

    assertThat(texts(svg))
        .containsExactly(
            "idle",
            "KiB of heap per connection, less is better",
            "Lariat, receiver",
            "3.0",
            "JDK java.net.http",
            "58.6");
  }

  @Test
  void thePicturesOfTheDocumentsAreDrawnFromTheRecords() throws Exception {
    SortedMap<String, String> there = new TreeMap<>();
    try (Stream<Path> files = Files.list(DOCS.resolve("pictures"))) {
      for (Path file : files.filter(Pictures::isOurs).toList()) {
        there.put(file.getFileName().toString(), Files.readString(file));
      }
    }

    assertThat(there)
        .as("lariat-bench/run pictures draws them anew")
        .isEqualTo(Pictures.of(RECORDS));
  }

  @Test
  void thePerformancePageShowsEachPicture() throws Exception {
    String page = Files.readString(DOCS.resolve("PERFORMANCE.md"));

    assertThat(Pictures.of(RECORDS).keySet())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(page).contains("(pictures/" + name + ")"));
  }

  private static List<String> texts(String svg) throws Exception {
    NodeList texts = parse(svg).getElementsByTagName("text");
    return IntStream.range(0, texts.getLength())
        .mapToObj(i -> texts.item(i).getTextContent())
        .toList();
  }

  private static List<Double> widths(String svg) throws Exception {
    NodeList bars = parse(svg).getElementsByTagName("rect");
    return IntStream.range(0, bars.getLength())
        .mapToObj(i -> Double.valueOf(((Element) bars.item(i)).getAttribute("width")))
        .toList();
  }

  private static Element parse(String svg) throws Exception {
    byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(bytes))
        .getDocumentElement();
  }
}
