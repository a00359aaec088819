package dev.lariat.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The rules of the house, each held against the library and against a small planted violation,
 * which shows that the rule can fail.
 */
class HouseTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path PAGES = Path.of("../docs/messages");
  private static final House HOUSE = House.in(Path.of("target/classes"));

  @Test
  void theHouseThatIsReadIsTheWholeLibrary() {
    assertThat(HOUSE.names())
        .contains("dev.lariat.Lariat", "dev.lariat.message.Message")
        .hasSizeGreaterThan(100);
    assertThat(HOUSE.packages())
        .containsExactlyElementsOf(
            sourceFolders().stream()
                .map(folder -> SOURCES.relativize(folder).toString().replace('/', '.'))
                .sorted()
                .toList());
  }

  @Nested
  class Floors {
    @Test
    void nothingPointsUp() {
      assertThat(HOUSE.upwardReferences()).isEmpty();
    }

    @Test
    void aFieldThatPointsUpIsFound() {
      assertThat(
              planted("package dev.lariat.message; class Planted { dev.lariat.Connection up; }")
                  .upwardReferences())
          .containsExactly(
              "dev.lariat.message.Planted refers to dev.lariat.Connection: floor 0 points up to"
                  + " floor 6");
    }

    @Test
    void aTypeArgumentThatPointsUpIsFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.codec;
                      interface Planted { java.util.List<dev.lariat.internal.protocol.Out> all(); }
                      """)
                  .upwardReferences())
          .hasSize(1)
          .allMatch(line -> line.contains("internal.protocol.Out: floor 1 points up to floor 2"));
    }

    @Test
    void aRecordComponentThatPointsUpIsFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.protocol;
                      record Planted(dev.lariat.internal.transport.Loop loop) {}
                      """)
                  .upwardReferences())
          .hasSize(1);
    }

    @Test
    void aLambdasTypeThatPointsUpIsFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.protocol;
                      class Planted {
                        java.util.function.Predicate<Object> p =
                            o -> o instanceof dev.lariat.internal.transport.Wire;
                        java.util.function.Consumer<?> c =
                            (java.util.function.Consumer<dev.lariat.internal.transport.Loop>) l -> {};
                      }
                      """)
                  .upwardReferences())
          .hasSize(2);
    }

    @Test
    void anAnnotationThatPointsUpIsFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.option;
                      class Planted {
                        @interface Of { Class<?> value(); }
                        @Of(dev.lariat.Mailbox.class) int marked;
                      }
                      """)
                  .upwardReferences())
          .hasSize(1);
    }

    @Test
    void siblingsThatKnowEachOtherAreFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.websocket;
                      class Planted { dev.lariat.internal.http1.Http1Engine sibling; }
                      """)
                  .upwardReferences())
          .hasSize(1)
          .allMatch(line -> line.contains("strangers"));
    }

    @Test
    void roomsThatKnowEachOtherAreFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.live;
                      class Planted { dev.lariat.supervision.Scope other; }
                      """)
                  .upwardReferences())
          .hasSize(1)
          .allMatch(line -> line.contains("strangers"));
    }

    @Test
    void aHandleThatKnowsARoomIsFound() {
      assertThat(
              planted("package dev.lariat; class Planted { dev.lariat.client.Caller up; }")
                  .upwardReferences())
          .hasSize(1)
          .allMatch(line -> line.contains("floor 6 points up to floor 7"));
    }

    @Test
    void aPackageWithoutAFloorIsFound() {
      assertThat(planted("package dev.lariat.internal.attic; class Planted {}").upwardReferences())
          .hasSize(1)
          .allMatch(line -> line.contains("no floor"));
    }
  }

  @Nested
  class PublicFace {
    @Test
    void theVocabularyTheCoreAndTheRoomsAreExportedAndNothingElse() {
      assertThat(HOUSE.wrongExports()).isEmpty();
    }

    @Test
    void anExportOfTheInsideIsFound() {
      assertThat(planted("package dev.lariat.message; class Planted {}").wrongExports()).hasSize(1);
    }

    @Test
    void whatUsersSeeMentionsOnlyTheJdkAndWhatUsersSee() {
      assertThat(HOUSE.leaksInSignatures()).isEmpty();
    }

    @Test
    void anInternalTypeInASignatureIsFound() {
      assertThat(
              plantedInTheLibrary(
                      """
                      package dev.lariat;
                      public class Planted {
                        protected dev.lariat.internal.protocol.Command command() { return null; }
                        public java.util.List<io.netty.buffer.ByteBuf> buffers;
                        dev.lariat.internal.protocol.Out hidden;
                      }
                      """)
                  .leaksInSignatures())
          .hasSize(2)
          .anyMatch(
              line -> line.contains("mentions dev.lariat.internal.protocol.Command in command()"))
          .anyMatch(line -> line.contains("mentions io.netty.buffer.ByteBuf in buffers"));
    }

    @Test
    void aHiddenTypeInASignatureIsFound() {
      assertThat(
              plantedInTheLibrary(
                      """
                      package dev.lariat.option;
                      public record Planted(Hidden hidden) { record Hidden() {} }
                      """)
                  .leaksInSignatures())
          .isNotEmpty()
          .allMatch(line -> line.contains("mentions dev.lariat.option.Planted$Hidden"));
    }

    @Test
    void aTypeOfTheInsideIsPublicOnlyWhereAnotherPackageUsesIt() {
      assertThat(HOUSE.needlesslyPublic()).isEmpty();
    }

    @Test
    void aNeedlesslyPublicTypeIsFound() {
      assertThat(
              plantedInTheLibrary(
                      """
                      package dev.lariat.internal.codec;
                      public class Planted { public static class Inner {} static class Fine {} }
                      """)
                  .needlesslyPublic())
          .hasSize(2)
          .allMatch(line -> line.startsWith("dev.lariat.internal.codec.Planted"));
    }
  }

  @Nested
  class EngineRoom {
    @Test
    void beneathTheEntranceNothingIsSharedBetweenThreads() {
      assertThat(HOUSE.sharingInTheEngineRoom()).isEmpty();
    }

    @Test
    void everyExceptionIsNeeded() {
      assertThat(HOUSE.idleExceptions()).isEmpty();
    }

    @Test
    void locksVolatilesAndAtomicsAreFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.connection;
                      class Planted {
                        volatile int field;
                        synchronized void method() {}
                        void block() { synchronized (this) { field = 1; } }
                        java.util.concurrent.locks.ReentrantLock lock;
                        java.util.concurrent.atomic.AtomicInteger count;
                        static final ThreadLocal<String> LOCAL = new ThreadLocal<>();
                        java.lang.invoke.VarHandle handle;
                      }
                      """)
                  .sharingInTheEngineRoom())
          .hasSize(7);
    }

    @Test
    void theEntranceAndTheVocabularyAreNotTheEngineRoom() {
      assertThat(
              planted("package dev.lariat; class Planted { volatile int field; }")
                  .sharingInTheEngineRoom())
          .isEmpty();
    }
  }

  @Nested
  class ClosedLists {
    @Test
    void noSwitchOverAClosedListHasADefault() {
      assertThat(Sources.in(SOURCES).switchesWithDefault()).isEmpty();
    }

    @Test
    void aDefaultOverASealedTypeIsFound() {
      assertThat(
              Sources.of(
                      """
                      package dev.lariat;
                      import dev.lariat.message.*;
                      class Planted {
                        int statement(Message m) {
                          switch (m) { case Up up -> { return 1; } default -> { return 0; } }
                        }
                        int expression(Frame f) {
                          return switch (f) { case Text t -> 1; case null, default -> 0; };
                        }
                        int disguised(Reason r) {
                          return switch (r) { case Reason.Closed c -> 1; case Reason other -> 0; };
                        }
                        int ofAnEnum(Side s) {
                          return switch (s) { case CLIENT -> 1; default -> 0; };
                        }
                      }
                      """)
                  .switchesWithDefault())
          .hasSize(4)
          .anyMatch(line -> line.contains("Planted.java:5 has a default in a switch over"));
    }

    @Test
    void aDefaultOverAnOpenTypeIsAllowed() {
      assertThat(
              Sources.of(
                      """
                      package dev.lariat;
                      import dev.lariat.message.*;
                      class Planted {
                        int open(Object o) { return switch (o) { case Up u -> 1; default -> 0; }; }
                        int text(String s) { return switch (s) { case "a" -> 1; default -> 0; }; }
                        int whole(Side s) { return switch (s) { case CLIENT -> 1; case SERVER -> 0; }; }
                      }
                      """)
                  .switchesWithDefault())
          .isEmpty();
    }
  }

  @Nested
  class Netty {
    @Test
    void isUsedOnlyWhereItBelongs() {
      assertThat(HOUSE.misplacedNetty()).isEmpty();
    }

    @Test
    void aBufferInTheVocabularyOrTheEntranceIsFound() {
      assertThat(
              planted("package dev.lariat.message; class Planted { io.netty.buffer.ByteBuf b; }")
                  .misplacedNetty())
          .containsExactly(
              "dev.lariat.message.Planted uses io.netty.buffer.ByteBuf: floor 0 may use of Netty"
                  + " nothing");
      assertThat(
              planted("package dev.lariat; class Planted { io.netty.buffer.ByteBuf b; }")
                  .misplacedNetty())
          .hasSize(1);
    }

    @Test
    void aChannelInAnEngineIsFound() {
      assertThat(
              planted(
                      """
                      package dev.lariat.internal.http1;
                      class Planted {
                        io.netty.buffer.ByteBuf fine;
                        void close(io.netty.channel.Channel channel) { channel.eventLoop(); }
                      }
                      """)
                  .misplacedNetty())
          .hasSize(2);
    }
  }

  @Nested
  class Pages {
    @Test
    void everyMessageHasItsPageAndEveryPageItsMessage() {
      assertThat(pages(PAGES)).isEqualTo(HOUSE.permitted("dev.lariat.message.Message"));
    }

    @Test
    void everyPageBeginsWithItsNameAndIsInTheIndex() throws IOException {
      String index = Files.readString(PAGES.resolve("README.md"));
      for (String name : pages(PAGES)) {
        assertThat(Files.readAllLines(PAGES.resolve(name + ".md")).getFirst())
            .isEqualTo("# " + name);
        assertThat(index).contains("(" + name + ".md)");
      }
    }

    @Test
    void aMessageIsFoundHoweverDeepItIs() {
      House house =
          planted(
              """
              package dev.lariat.message;
              sealed interface Planted {
                sealed interface Deep extends Planted {}
                record One() implements Deep {}
                record Two() implements Planted {}
              }
              """);
      assertThat(house.permitted("dev.lariat.message.Planted"))
          .containsExactly("Planted$One", "Planted$Two");
    }
  }

  @Nested
  class Packages {
    @Test
    void everyPackageSaysWhatItIs() throws IOException {
      List<String> silent = new ArrayList<>();
      for (Path folder : sourceFolders()) {
        Path info = folder.resolve("package-info.java");
        if (!Files.exists(info) || !saysWhatItIs(Files.readString(info))) {
          silent.add(folder + " has no package-info with a sentence");
        }
      }
      assertThat(silent).isEmpty();
    }

    /** The module is, too, but Kotlin and some other tools read it of packages only. */
    @Test
    void everyExportedPackageIsNullMarked() throws IOException {
      List<Path> exported = new ArrayList<>();
      for (Path info : moduleInfos()) {
        exports(Files.readString(info)).stream()
            .map(name -> info.resolveSibling(name.replace('.', '/')).resolve("package-info.java"))
            .forEach(exported::add);
      }
      assertThat(exported).hasSizeGreaterThan(15).allMatch(Packages::isNullMarked);
    }

    @Test
    void aPackageThatIsNotNullMarkedIsFound() {
      assertThat(isNullMarked("/** A thing. */\npackage dev.lariat;")).isFalse();
      assertThat(isNullMarked("/** {@code @NullMarked} */\npackage dev.lariat;")).isFalse();
      assertThat(isNullMarked("/** A thing. */\n@NullMarked\npackage dev.lariat;")).isTrue();
      assertThat(exports("exports one.two;\n exports hidden to\n three;")).containsOnly("one.two");
    }

    @Test
    void anEmptyDocIsNoSentence() {
      assertThat(saysWhatItIs("package dev.lariat;")).isFalse();
      assertThat(saysWhatItIs("/** */\npackage dev.lariat;")).isFalse();
      assertThat(saysWhatItIs("/** thing */\npackage dev.lariat;")).isFalse();
      assertThat(saysWhatItIs("/** A thing. */\npackage dev.lariat;")).isTrue();
      assertThat(saysWhatItIs("/** A thing. */\n@NullMarked\npackage dev.lariat;")).isTrue();
    }

    /** Those of the modules that export packages to users. */
    private static List<Path> moduleInfos() throws IOException {
      try (Stream<Path> modules = Files.list(Path.of(".."))) {
        return modules
            .map(module -> module.resolve("src/main/java/module-info.java"))
            .filter(Files::exists)
            .toList();
      }
    }

    /** The packages that a module exports to everybody. */
    private static List<String> exports(String info) {
      return Pattern.compile("exports\\s+([\\w.]+)\\s*;")
          .matcher(info)
          .results()
          .map(found -> found.group(1))
          .toList();
    }

    private static boolean isNullMarked(Path info) {
      try {
        return isNullMarked(Files.readString(info));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static boolean isNullMarked(String info) {
      return Pattern.compile(
              "^@(org\\.jspecify\\.annotations\\.)?NullMarked\\s+package ", Pattern.MULTILINE)
          .matcher(info)
          .find();
    }

    private static boolean saysWhatItIs(String info) {
      return Pattern.compile(
              "/\\*\\*\\s+(\\*\\s+)?[A-Z].*\\.\\s+\\*/\\s+(@NullMarked\\s+)?package ",
              Pattern.DOTALL)
          .matcher(info)
          .find();
    }
  }

  // ---- what the rules are held against

  /** A house of this one source file and nothing else. */
  private static House planted(String source) {
    return House.of(Sources.of(source).compile());
  }

  /** The library with this source file added. */
  private static House plantedInTheLibrary(String source) {
    try (Stream<Path> files = Files.walk(Path.of("target/classes"))) {
      List<byte[]> all = new ArrayList<>(Sources.of(source).compile());
      for (Path file :
          (Iterable<Path>) files.filter(f -> f.toString().endsWith(".class"))::iterator) {
        all.add(Files.readAllBytes(file));
      }
      return House.of(all);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Set<String> pages(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("README.md"))
          .map(name -> name.replaceFirst("\\.md$", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new AssertionError("no pages in " + folder, e);
    }
  }

  /** The folders that hold sources of a package. */
  private static List<Path> sourceFolders() {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::getParent)
          .filter(folder -> !folder.equals(SOURCES))
          .distinct()
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
