package dev.lariat.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.InnerClassInfo;
import java.lang.classfile.attribute.ModuleExportInfo;
import java.lang.classfile.attribute.RecordComponentInfo;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The library as its class files show it, and the rules of the house. Each rule gives its
 * violations, one line each: which class, what it does, and why that is not allowed.
 *
 * <p>References are read from the constant pool, which holds the name of every type that a class
 * mentions in any way: in code, descriptors, signatures, record components, annotations and
 * bootstrap arguments. A constant of a primitive type or a string is copied into its user, and so
 * leaves no reference.
 */
final class House {
  private static final String ROOT = "dev.lariat";

  /** A package uses those of lower floors. Packages of one floor are strangers to each other. */
  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          Map.entry("dev.lariat.internal.derived", -1),
          Map.entry("dev.lariat.internal.text", -1),
          Map.entry("dev.lariat.internal.uri", -1),
          Map.entry("dev.lariat.cookie", 0),
          Map.entry("dev.lariat.event", 0),
          Map.entry("dev.lariat.message", 0),
          Map.entry("dev.lariat.option", 0),
          Map.entry("dev.lariat.internal.codec", 1),
          Map.entry("dev.lariat.internal.protocol", 2),
          Map.entry("dev.lariat.internal.content", 2),
          Map.entry("dev.lariat.internal.pool", 2),
          Map.entry("dev.lariat.internal.download", 2),
          Map.entry("dev.lariat.internal.cache", 2),
          Map.entry("dev.lariat.internal.retry", 2),
          Map.entry("dev.lariat.internal.hop", 3),
          Map.entry("dev.lariat.internal.http1", 3),
          Map.entry("dev.lariat.internal.http2", 3),
          Map.entry("dev.lariat.internal.raw", 3),
          Map.entry("dev.lariat.internal.websocket", 3),
          Map.entry("dev.lariat.internal.transport", 4),
          Map.entry("dev.lariat.internal.connection", 5),
          Map.entry("dev.lariat.internal.live", 5),
          Map.entry("dev.lariat.internal.topics", 5),
          Map.entry("dev.lariat.internal.entrance", 6),
          Map.entry("dev.lariat", 6),
          Map.entry("dev.lariat.client", 7),
          Map.entry("dev.lariat.cookie.store", 7),
          Map.entry("dev.lariat.flight", 7),
          Map.entry("dev.lariat.live", 7),
          Map.entry("dev.lariat.supervision", 7));

  /** The first floor with users' threads. What lies below is the engine room. */
  private static final int ENTRANCE = 6;

  /**
   * The siblings that know each other: options hold values that messages hold too, listeners and
   * stores; events say what messages say; the handles of users and what they are made of.
   */
  private static final Map<String, Set<String>> ACQUAINTED =
      Map.of(
          "dev.lariat.option",
          Set.of("dev.lariat.cookie", "dev.lariat.message", "dev.lariat.event"),
          "dev.lariat.event",
          Set.of("dev.lariat.message"),
          "dev.lariat",
          Set.of("dev.lariat.internal.entrance"),
          "dev.lariat.internal.entrance",
          Set.of("dev.lariat"));

  /** What of Netty each floor of the engine room may use, as prefixes of names. */
  private static final Map<Integer, List<String>> NETTY =
      Map.of(
          -1, List.of(),
          0, List.of(),
          1, List.of("io.netty.buffer.", "io.netty.handler.codec."), // HPACK
          2, List.of("io.netty.buffer."),
          3, List.of("io.netty.buffer.", "io.netty.util.collection."),
          4, List.of("io.netty."),
          5, List.of("io.netty."),
          6, List.of(),
          7, List.of());

  /** What only several threads need. {@code TimeUnit} is a mere number. */
  private static final Pattern FOR_SEVERAL_THREADS =
      Pattern.compile(
          "java\\.util\\.concurrent\\.(?!TimeUnit$).*"
              + "|java\\.lang\\.invoke\\.VarHandle"
              + "|java\\.lang\\.Thread(Local)?|java\\.util\\.(Timer|Vector|Hashtable|Stack)"
              + "|jdk\\.internal\\..*|sun\\.misc\\.Unsafe");

  /** The exceptions: the class, and what it may use. Most are the border to other threads. */
  private static final Map<String, String> BORDER =
      Map.ofEntries(
          // Reads and writes eight bytes of an array at a time, by plain access.
          Map.entry("dev.lariat.internal.codec.ByteArrays", "java\\.lang\\.invoke\\.VarHandle"),
          // Any thread opens connections with options that all threads share.
          Map.entry(
              "dev.lariat.internal.derived.Derived",
              "java\\.util\\.concurrent\\.(Concurrent(Hash)?Map|atomic\\.AtomicReference)"),
          // Every thread asks it for a loop; it makes and ends the threads, and knows them again.
          Map.entry(
              "dev.lariat.internal.transport.Loops",
              "java\\.util\\.concurrent\\.atomic\\.AtomicInteger|java\\.lang\\.Thread"),
          Map.entry(
              "dev.lariat.internal.transport.Loops$Seat",
              "java\\.util\\.concurrent\\.(atomic\\.Atomic.*|locks\\..*"
                  + "|RejectedExecutionException|ThreadFactory)|java\\.lang\\.Thread"),
          // Looks at loops from a thread of its own, since one that is stuck cannot say so.
          Map.entry(
              "dev.lariat.internal.transport.LoopWatch",
              "java\\.util\\.concurrent\\.locks\\..*|java\\.lang\\.Thread"),
          Map.entry(
              "dev.lariat.internal.transport.LoopWatch$Watched",
              "java\\.util\\.concurrent\\.(locks\\..*|RejectedExecutionException)|java\\.lang\\.Thread"),
          Map.entry(
              "dev.lariat.internal.transport.LoopWatch$Question",
              "java\\.util\\.concurrent\\.atomic\\.AtomicReference"),
          // What that thread reads of a loop.
          Map.entry(
              "dev.lariat.internal.transport.Busy",
              "java\\.util\\.concurrent\\.atomic\\.AtomicBoolean"),
          // Lets the threads of users wait, and starts some; a lookup may be answered on any
          // thread.
          Map.entry(
              "dev.lariat.internal.transport.Machine",
              "java\\.util\\.concurrent\\.CompletableFuture|java\\.lang\\.Thread"),
          Map.entry(
              "dev.lariat.internal.transport.ThisMachine",
              "java\\.util\\.concurrent\\.(CompletableFuture|ThreadLocalRandom|locks\\.LockSupport)"
                  + "|java\\.lang\\.Thread(\\$.*)?"),
          Map.entry("dev.lariat.internal.transport.Time", "java\\.lang\\.Thread"),
          // Ends the long waits of those threads, from a thread of its own.
          Map.entry(
              "dev.lariat.internal.transport.Rounds",
              "java\\.util\\.concurrent\\.(ConcurrentHashMap|atomic\\..*|locks\\.LockSupport)"
                  + "|java\\.lang\\.Thread(\\$.*)?"),
          // Its answer may come on any thread, also where another network gives it.
          Map.entry(
              "dev.lariat.internal.transport.Lookup",
              "java\\.util\\.concurrent\\.CompletableFuture"),
          Map.entry(
              "dev.lariat.internal.transport.Dialer",
              "java\\.util\\.concurrent\\.CompletableFuture"),
          // The system's resolver blocks, so it has threads of its own.
          Map.entry(
              "dev.lariat.internal.transport.SystemLookup",
              "java\\.util\\.concurrent\\..*|java\\.lang\\.Thread"),
          // Waits for such a lookup, and goes on on its loop.
          Map.entry(
              "dev.lariat.internal.transport.Dialing",
              "java\\.util\\.concurrent\\.CompletableFuture"),
          // Starts the threads of a user's authenticator, and interrupts them.
          Map.entry("dev.lariat.internal.transport.AskedUser", "java\\.lang\\.Thread"),
          // A thread that waits for the connection is answered through it, by the loop.
          Map.entry(
              "dev.lariat.internal.protocol.Command$AwaitUp",
              "java\\.util\\.concurrent\\.CompletableFuture"),
          // Knows the thread of its handler's calls from any other.
          Map.entry("dev.lariat.internal.websocket.HandlerSession", "java\\.lang\\.Thread"));

  private static final Pattern TYPE_IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+)[;<]");

  private final Map<String, ClassModel> classes = new TreeMap<>();
  private final Set<String> exported = new TreeSet<>();

  private House(Collection<byte[]> files) {
    for (byte[] file : files) {
      ClassModel model = ClassFile.of().parse(file);
      model
          .findAttribute(Attributes.module())
          .ifPresentOrElse(
              module -> module.exports().forEach(this::addExport),
              () -> classes.put(dotted(model.thisClass()), model));
    }
  }

  private void addExport(ModuleExportInfo export) {
    exported.add(
        dotted(export.exportedPackage().name().stringValue())
            + export.exportsTo().stream()
                .map(to -> " to " + to.name().stringValue())
                .collect(Collectors.joining()));
  }

  /** The house that these class files make. */
  static House of(Collection<byte[]> files) {
    return new House(files);
  }

  /** The house in this folder of class files. */
  static House in(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<byte[]> read = new ArrayList<>();
      for (Path file : (Iterable<Path>) files.filter(House::isClass)::iterator) {
        read.add(Files.readAllBytes(file));
      }
      return of(read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isClass(Path file) {
    return file.toString().endsWith(".class");
  }

  /** The names of all classes. */
  Set<String> names() {
    return classes.keySet();
  }

  /** The packages that have classes. */
  Set<String> packages() {
    return names().stream().map(House::packageOf).collect(Collectors.toCollection(TreeSet::new));
  }

  // ---- floors

  /** References to a floor above, or to a stranger on the same one. */
  List<String> upwardReferences() {
    List<String> bad = new ArrayList<>();
    classes.forEach(
        (name, model) -> {
          String own = packageOf(name);
          Integer floor = FLOORS.get(own);
          if (floor == null) {
            bad.add(name + " lives in " + own + ", which has no floor: give it one in House");
            return;
          }
          for (String type : references(model)) {
            String other = packageOf(type);
            if (!isOurs(other) || other.equals(own)) {
              continue;
            }
            Integer target = FLOORS.get(other);
            if (target == null) {
              bad.add(name + " refers to " + type + ", whose package has no floor");
            } else if (target > floor) {
              bad.add(
                  "%s refers to %s: floor %d points up to floor %d"
                      .formatted(name, type, floor, target));
            } else if (target.equals(floor)
                && !ACQUAINTED.getOrDefault(own, Set.of()).contains(other)) {
              bad.add(
                  "%s refers to %s: packages of one floor (%d) are strangers to each other"
                      .formatted(name, type, floor));
            }
          }
        });
    return bad;
  }

  // ---- the public face

  /**
   * Exports that are not exactly the vocabulary, the core and the rooms, and what the test kit
   * takes the place of.
   */
  List<String> wrongExports() {
    Set<String> wanted =
        FLOORS.entrySet().stream()
            .filter(entry -> entry.getValue() == 0 || entry.getValue() >= ENTRANCE)
            .map(Map.Entry::getKey)
            .filter(name -> !name.startsWith(ROOT + ".internal."))
            .collect(Collectors.toCollection(TreeSet::new));
    wanted.add("dev.lariat.internal.text to dev.lariat.testkit");
    wanted.add("dev.lariat.internal.transport to dev.lariat.testkit");
    return exported.equals(wanted)
        ? List.of()
        : List.of("module-info exports " + exported + ": what users see is " + wanted);
  }

  /**
   * What the signatures of users' types mention that is neither the JDK's, JSpecify's nor theirs.
   */
  List<String> leaksInSignatures() {
    List<String> bad = new ArrayList<>();
    classes.forEach(
        (name, model) -> {
          if (!exported.contains(packageOf(name)) || !isVisible(model)) {
            return;
          }
          inSignatures(model)
              .forEach(
                  (where, types) -> {
                    for (String type : types) {
                      if (!mayBeSeen(type)) {
                        bad.add(
                            "%s mentions %s in %s: users see only exported types and the JDK's"
                                .formatted(name, type, where));
                      }
                    }
                  });
        });
    return bad;
  }

  private boolean mayBeSeen(String type) {
    if (isOurs(packageOf(type))) {
      ClassModel model = classes.get(type);
      return exported.contains(packageOf(type)) && (model == null || isVisible(model));
    }
    return type.startsWith("java.")
        || type.startsWith("javax.")
        || type.startsWith("org.jspecify.annotations.");
  }

  /** The types in every signature that users see, by where they stand. */
  private static Map<String, Set<String>> inSignatures(ClassModel model) {
    Map<String, Set<String>> found = new TreeMap<>();
    Set<String> header = found.computeIfAbsent("its declaration", where -> new TreeSet<>());
    model.superclass().ifPresent(entry -> header.add(dotted(entry)));
    model.interfaces().forEach(entry -> header.add(dotted(entry)));
    model
        .findAttribute(Attributes.signature())
        .ifPresent(signature -> header.addAll(typesIn(signature.signature().stringValue())));
    model
        .findAttribute(Attributes.permittedSubclasses())
        .ifPresent(list -> list.permittedSubclasses().forEach(e -> header.add(dotted(e))));
    model
        .findAttribute(Attributes.record())
        .ifPresent(
            record -> {
              for (RecordComponentInfo part : record.components()) {
                header.addAll(typesIn(part.descriptor().stringValue()));
              }
            });
    for (FieldModel field : model.fields()) {
      if (seen(field.flags().flags())) {
        Set<String> types =
            found.computeIfAbsent(field.fieldName().stringValue(), where -> new TreeSet<>());
        types.addAll(typesIn(field.fieldType().stringValue()));
        field
            .findAttribute(Attributes.signature())
            .ifPresent(signature -> types.addAll(typesIn(signature.signature().stringValue())));
      }
    }
    for (MethodModel method : model.methods()) {
      if (seen(method.flags().flags())) {
        Set<String> types =
            found.computeIfAbsent(method.methodName().stringValue() + "()", w -> new TreeSet<>());
        types.addAll(typesIn(method.methodType().stringValue()));
        method
            .findAttribute(Attributes.signature())
            .ifPresent(signature -> types.addAll(typesIn(signature.signature().stringValue())));
        method
            .findAttribute(Attributes.exceptions())
            .ifPresent(thrown -> thrown.exceptions().forEach(entry -> types.add(dotted(entry))));
      }
    }
    return found;
  }

  private static boolean seen(Set<AccessFlag> flags) {
    return (flags.contains(AccessFlag.PUBLIC) || flags.contains(AccessFlag.PROTECTED))
        && !flags.contains(AccessFlag.SYNTHETIC);
  }

  /** Public types of the inside that no other package uses. */
  List<String> needlesslyPublic() {
    Set<String> usedFromOutside = new HashSet<>();
    classes.forEach(
        (name, model) -> {
          for (String type : references(model)) {
            if (!packageOf(type).equals(packageOf(name))) {
              usedFromOutside.add(type);
            }
          }
        });
    List<String> bad = new ArrayList<>();
    classes.forEach(
        (name, model) -> {
          if (!exported.contains(packageOf(name))
              && isVisible(model)
              && !name.endsWith("package-info")
              && !usedFromOutside.contains(name)) {
            bad.add(name + " is public, but no other package uses it: make it package-private");
          }
        });
    return bad;
  }

  /** Whether other packages see it: it and every class around it are public or protected. */
  private boolean isVisible(ClassModel model) {
    Optional<InnerClassInfo> inner =
        model
            .findAttribute(Attributes.innerClasses())
            .flatMap(
                all ->
                    all.classes().stream()
                        .filter(info -> info.innerClass().equals(model.thisClass()))
                        .findFirst());
    if (inner.isEmpty()) {
      return model.flags().has(AccessFlag.PUBLIC);
    }
    if (inner.get().outerClass().isEmpty() || !seen(inner.get().flags())) {
      return false; // local, anonymous or hidden
    }
    ClassModel outer = classes.get(dotted(inner.get().outerClass().get()));
    return outer == null || isVisible(outer);
  }

  // ---- one owner of mutable state

  /** What the floors without users do that only several threads need. */
  List<String> sharingInTheEngineRoom() {
    List<String> bad = new ArrayList<>();
    classes.forEach(
        (name, model) -> {
          int floor = FLOORS.getOrDefault(packageOf(name), 0);
          if (floor == 0 || floor >= ENTRANCE) {
            return;
          }
          String why = ": beneath the entrance one event loop owns all state";
          for (FieldModel field : model.fields()) {
            if (field.flags().has(AccessFlag.VOLATILE)) {
              bad.add(name + " has the volatile field " + field.fieldName() + why);
            }
          }
          for (MethodModel method : model.methods()) {
            if (method.flags().has(AccessFlag.SYNCHRONIZED) || locks(method)) {
              bad.add(name + " synchronizes in " + method.methodName() + why);
            }
          }
          Pattern allowed = Pattern.compile(BORDER.getOrDefault(name, "(?!)"));
          for (String type : references(model)) {
            if (FOR_SEVERAL_THREADS.matcher(outermost(type)).matches()
                && !allowed.matcher(outermost(type)).matches()) {
              bad.add(name + " uses " + type + why);
            }
          }
        });
    return bad;
  }

  /** Names in the list of exceptions that no class needs any more. */
  List<String> idleExceptions() {
    List<String> idle = new ArrayList<>();
    BORDER.forEach(
        (name, allowed) -> {
          ClassModel model = classes.get(name);
          Pattern pattern = Pattern.compile(allowed);
          if (model == null
              || references(model).stream()
                  .noneMatch(type -> pattern.matcher(outermost(type)).matches())) {
            idle.add(name + " needs no exception");
          }
        });
    return idle;
  }

  private static boolean locks(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .anyMatch(House::entersMonitor);
  }

  private static boolean entersMonitor(CodeElement element) {
    return element instanceof MonitorInstruction monitor && monitor.opcode() == Opcode.MONITORENTER;
  }

  // ---- Netty

  /** Uses of Netty above or beneath where they belong. */
  List<String> misplacedNetty() {
    List<String> bad = new ArrayList<>();
    classes.forEach(
        (name, model) -> {
          int floor = FLOORS.getOrDefault(packageOf(name), 0);
          for (String type : references(model)) {
            if (type.startsWith("io.netty.")
                && NETTY.get(floor).stream().noneMatch(type::startsWith)) {
              bad.add(
                  "%s uses %s: floor %d may use of Netty %s"
                      .formatted(
                          name,
                          type,
                          floor,
                          floor <= 0 || floor >= ENTRANCE
                              ? "nothing"
                              : "only " + NETTY.get(floor)));
            }
          }
        });
    return bad;
  }

  // ---- the vocabulary

  /** The simple names of the records that this sealed type permits, however deep. */
  Set<String> permitted(String sealed) {
    Set<String> leaves = new TreeSet<>();
    ClassModel model = classes.get(sealed);
    Optional<List<ClassEntry>> subclasses =
        model
            .findAttribute(Attributes.permittedSubclasses())
            .map(attribute -> attribute.permittedSubclasses());
    if (subclasses.isEmpty()) {
      leaves.add(sealed.substring(sealed.lastIndexOf('.') + 1));
      return leaves;
    }
    subclasses.get().forEach(entry -> leaves.addAll(permitted(dotted(entry))));
    return leaves;
  }

  // ---- names

  /** Every type that the class mentions. */
  private static Set<String> references(ClassModel model) {
    Set<String> types = new TreeSet<>();
    Set<Integer> texts = new HashSet<>(); // string constants: they may look like anything
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof StringEntry string) {
        texts.add(string.utf8().index());
      } else if (entry instanceof ClassEntry type) {
        types.add(dotted(type));
      }
    }
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof Utf8Entry utf8 && !texts.contains(utf8.index())) {
        types.addAll(typesIn(utf8.stringValue()));
      }
    }
    return types;
  }

  private static Set<String> typesIn(String descriptor) {
    Set<String> types = new TreeSet<>();
    Matcher matcher = TYPE_IN_DESCRIPTOR.matcher(descriptor);
    while (matcher.find()) {
      types.add(dotted(matcher.group(1)));
    }
    return types;
  }

  private static String dotted(ClassEntry entry) {
    String name = entry.asInternalName();
    if (!name.startsWith("[")) {
      return dotted(name);
    }
    String element = name.replaceFirst("^\\[+", "");
    return element.startsWith("L") ? dotted(element.substring(1, element.length() - 1)) : element;
  }

  private static String dotted(String internal) {
    return internal.replace('/', '.');
  }

  static String packageOf(String type) {
    int dot = type.lastIndexOf('.');
    return dot < 0 ? "" : type.substring(0, dot);
  }

  private static String outermost(String type) {
    int nested = type.indexOf('$');
    return nested < 0 ? type : type.substring(0, nested);
  }

  private static boolean isOurs(String name) {
    return name.equals(ROOT) || name.startsWith(ROOT + ".");
  }
}
