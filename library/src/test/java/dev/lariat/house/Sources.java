package dev.lariat.house;

import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.PatternCaseLabelTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Java sources as the compiler sees them: some rules cannot be read off the class files. */
final class Sources {
  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
  private static final List<String> OPTIONS =
      List.of(
          "-proc:none",
          "-implicit:none",
          "-nowarn",
          "-classpath",
          System.getProperty("java.class.path"));

  private final List<JavaFileObject> files;

  private Sources(List<JavaFileObject> files) {
    this.files = files;
  }

  /** One source file with this text. */
  static Sources of(String text) {
    URI uri = URI.create("memory:///" + name(text) + ".java");
    return new Sources(
        List.of(
            new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
              @Override
              public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
              }
            }));
  }

  private static String name(String text) {
    return text.replaceAll("(?s).*?\\b(?:class|interface|record|enum) (\\w+).*", "$1");
  }

  /** All sources beneath this folder but the module's own. */
  static Sources in(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      StandardJavaFileManager manager = COMPILER.getStandardFileManager(null, null, null);
      List<JavaFileObject> files = new ArrayList<>();
      manager
          .getJavaFileObjectsFromPaths(
              walk.filter(path -> path.toString().endsWith(".java"))
                  .filter(path -> !path.endsWith("module-info.java"))
                  .toList())
          .forEach(files::add);
      return new Sources(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The class files that they give. */
  List<byte[]> compile() {
    Map<String, ByteArrayOutputStream> compiled = new TreeMap<>();
    StandardJavaFileManager standard = COMPILER.getStandardFileManager(null, null, null);
    JavaFileManager inMemory =
        new ForwardingJavaFileManager<>(standard) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
              @Override
              public OutputStream openOutputStream() {
                return compiled.computeIfAbsent(name, key -> new ByteArrayOutputStream());
              }
            };
          }
        };
    StringWriter complaints = new StringWriter();
    if (!COMPILER.getTask(complaints, inMemory, null, OPTIONS, null, files).call()) {
      throw new IllegalArgumentException(complaints.toString());
    }
    return compiled.values().stream().map(ByteArrayOutputStream::toByteArray).toList();
  }

  /**
   * Switches over a sealed type or an enum of the library that end in a {@code default}, or in a
   * pattern that takes everything, which is the same: a new variant would slip through.
   */
  List<String> switchesWithDefault() {
    StringWriter complaints = new StringWriter();
    JavacTask task = (JavacTask) COMPILER.getTask(complaints, null, null, OPTIONS, null, files);
    List<String> bad = new ArrayList<>();
    try {
      Iterable<? extends CompilationUnitTree> units = task.parse();
      task.analyze();
      if (!complaints.toString().isEmpty()) {
        throw new IllegalArgumentException(complaints.toString());
      }
      Trees trees = Trees.instance(task);
      for (CompilationUnitTree unit : units) {
        new Switches(task, trees, unit, bad).scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bad;
  }

  private static final class Switches extends TreePathScanner<Void, Void> {
    private final JavacTask task;
    private final Trees trees;
    private final CompilationUnitTree unit;
    private final List<String> bad;

    Switches(JavacTask task, Trees trees, CompilationUnitTree unit, List<String> bad) {
      this.task = task;
      this.trees = trees;
      this.unit = unit;
      this.bad = bad;
    }

    @Override
    public Void visitSwitch(SwitchTree tree, Void nothing) {
      check(tree.getExpression(), tree.getCases());
      return super.visitSwitch(tree, nothing);
    }

    @Override
    public Void visitSwitchExpression(SwitchExpressionTree tree, Void nothing) {
      check(tree.getExpression(), tree.getCases());
      return super.visitSwitchExpression(tree, nothing);
    }

    private void check(ExpressionTree selector, List<? extends CaseTree> cases) {
      TypeMirror type = trees.getTypeMirror(new TreePath(getCurrentPath(), selector));
      if (!(type instanceof DeclaredType declared) || !isClosedListOfOurs(declared.asElement())) {
        return;
      }
      for (CaseTree one : cases) {
        one.getLabels()
            .forEach(
                label -> {
                  boolean all =
                      label instanceof DefaultCaseLabelTree
                          || label instanceof PatternCaseLabelTree pattern
                              && one.getGuard() == null
                              && takes(pattern, type);
                  if (all) {
                    bad.add(
                        "%s:%d has a default in a switch over %s: a new variant would slip through"
                            .formatted(
                                unit.getSourceFile().getName(),
                                unit.getLineMap()
                                    .getLineNumber(
                                        trees.getSourcePositions().getStartPosition(unit, label)),
                                type));
                  }
                });
      }
    }

    private boolean takes(PatternCaseLabelTree label, TypeMirror selector) {
      TreePath path = new TreePath(new TreePath(getCurrentPath(), label), label.getPattern());
      TypeMirror taken = trees.getTypeMirror(path);
      return label.getPattern() instanceof com.sun.source.tree.BindingPatternTree
          && taken != null
          && task.getTypes()
              .isSubtype(task.getTypes().erasure(selector), task.getTypes().erasure(taken));
    }

    private boolean isClosedListOfOurs(Element type) {
      String name = task.getElements().getPackageOf(type).getQualifiedName().toString();
      return (name + ".").startsWith("dev.lariat.")
          && (type.getKind() == ElementKind.ENUM || type.getModifiers().contains(Modifier.SEALED));
    }
  }
}
