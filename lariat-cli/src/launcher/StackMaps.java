import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;

/**
 * Gives the classes of a jar stack maps (JVMS section 4.7.4), which those of Java 5 do not have.
 * The ahead-of-time cache takes no class without: picocli would be read and verified at every
 * start. Nothing else of a class changes. The file is a program: {@code java StackMaps.java
 * FILE.jar}.
 */
final class StackMaps {
  private static final int FIRST_WITH_MAPS = ClassFile.JAVA_6_VERSION;
  private static final int WITHOUT_FALLBACK = ClassFile.JAVA_8_VERSION; // stack maps are a must

  private StackMaps() {}

  public static void main(String[] args) throws IOException {
    Path jar = Path.of(args[0]);
    Path changed = jar.resolveSibling(jar.getFileName() + ".new");
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        JarInputStream in = new JarInputStream(Files.newInputStream(jar));
        OutputStream file = Files.newOutputStream(changed);
        JarOutputStream out = new JarOutputStream(file, in.getManifest())) {
      ClassFile generating =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)));
      for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
        out.putNextEntry(new JarEntry(entry.getName()));
        out.write(entry.getName().endsWith(".class") ? mapped(generating, in) : in.readAllBytes());
      }
    }
    Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] mapped(ClassFile generating, InputStream in) throws IOException {
    byte[] bytes = in.readAllBytes();
    ClassModel old = generating.parse(bytes);
    if (old.majorVersion() >= FIRST_WITH_MAPS) {
      return bytes;
    }
    ClassTransform version =
        ClassTransform.endHandler(made -> made.withVersion(WITHOUT_FALLBACK, 0));
    return generating.transformClass(
        old, version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
  }
}
