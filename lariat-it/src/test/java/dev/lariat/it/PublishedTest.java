package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Lariat;
import dev.lariat.micrometer.ConnectionMetrics;
import dev.lariat.testkit.Origin;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What is published is described as public repositories ask for, and its versions agree. */
final class PublishedTest {
  private static final Path ROOT = Path.of("..");
  private static final String PROGRAM = "lariat-cli"; // nobody's dependency

  private final XPath xpath = XPathFactory.newInstance().newXPath();
  private final Document parent = pom(".");
  private final Document bom = pom("lariat-bom");

  PublishedTest() throws Exception {}

  @Test
  void theBomManagesWhatIsPublished() throws Exception {
    List<String> published = new ArrayList<>();
    for (String folder : all(parent, "/project/modules/module")) {
      Document module = pom(folder);
      boolean skipped = text(module, "/project/properties/maven.deploy.skip").equals("true");
      if (!skipped && text(module, "/project/packaging").isEmpty()) {
        published.add(text(module, "/project/artifactId"));
      }
    }
    published.remove(PROGRAM);
    assertThat(all(bom, "/project/dependencyManagement//artifactId"))
        .containsExactlyInAnyOrderElementsOf(published);
    assertThat(all(bom, "/project/dependencyManagement//version"))
        .containsOnly("${project.version}");
  }

  @Test
  void theBomHasTheVersionAndTheDescriptionsOfTheOthers() throws Exception {
    for (String path :
        List.of("groupId", "version", "url", "licenses//name", "developers//name", "scm/url")) {
      assertThat(text(bom, "/project/" + path))
          .as(path)
          .isNotEmpty()
          .isEqualTo(text(parent, "/project/" + path));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".",
        "lariat-bom",
        "library",
        "lariat-testkit",
        "lariat-micrometer",
        "lariat-fleet",
        "lariat-fleet-pekko",
        "lariat-opentelemetry",
        "lariat-jackson",
        "lariat-jackson2",
        "lariat-fleet-yaml",
        "lariat-fleet-jdbc",
        "lariat-fleet-kafka",
        "lariat-spring-boot-starter",
        "lariat-kotlin",
        "lariat-cli"
      })
  void everyPublishedModuleHasANameAndADescription(String folder) throws Exception {
    Document module = pom(folder);
    assertThat(text(module, "/project/name")).isNotEmpty();
    assertThat(text(module, "/project/description")).isNotEmpty();
  }

  @Test
  void theLibraryNeedsNettyAndJSpecifyOnly() throws Exception {
    String needed = "/project/dependencies/dependency[not(optional='true') and not(scope='test')]";
    assertThat(all(pom("library"), needed + "/groupId")).containsOnly("io.netty");
    assertThat(all(parent, needed + "/artifactId")).containsExactly("jspecify");
  }

  @ParameterizedTest
  @ValueSource(classes = {Lariat.class, Origin.class, ConnectionMetrics.class})
  void everyJarHasItsLicenseAndItsNotices(Class<?> type) throws Exception {
    URI jar = type.getProtectionDomain().getCodeSource().getLocation().toURI();
    for (String file : List.of("META-INF/LICENSE", "META-INF/NOTICE")) {
      String address = Files.isDirectory(Path.of(jar)) ? jar + file : "jar:" + jar + "!/" + file;
      try (var content = URI.create(address).toURL().openStream()) {
        assertThat(content.readAllBytes())
            .isEqualTo(Files.readAllBytes(ROOT.resolve(Path.of(file).getFileName())));
      }
    }
  }

  private static Document pom(String folder) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(ROOT.resolve(folder).resolve("pom.xml").toFile());
  }

  private String text(Document pom, String path) throws Exception {
    return xpath.evaluate(path, pom).strip();
  }

  private List<String> all(Document pom, String path) throws Exception {
    NodeList nodes = (NodeList) xpath.evaluate(path, pom, XPathConstants.NODESET);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      all.add(nodes.item(i).getTextContent().strip());
    }
    return all;
  }
}
