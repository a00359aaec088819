package dev.lariat.cli;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether one of the standard streams is a terminal; the JDK tells that of two at a time only. */
final class Tty {
  private Tty() {}

  /** Whether its user wants colours. */
  static boolean hasColours() {
    return System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
  }

  /** Whether this file descriptor is a terminal. */
  @SuppressWarnings("restricted") // the launcher allows native access, which Netty needs
  static boolean is(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      if (Files.isSymbolicLink(link)) { // Linux, where looking is faster than calling
        String target = Files.readSymbolicLink(link).toString();
        return target.matches("/dev/(pts/[0-9]+|tty.*|console)");
      }
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find("isatty")
          .or(() -> linker.defaultLookup().find("_isatty")) // Windows
          .map(
              function ->
                  linker.downcallHandle(
                      function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
          .map(handle -> is(handle, descriptor))
          .orElse(false);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean is(java.lang.invoke.MethodHandle isatty, int descriptor) {
    try {
      return (int) isatty.invokeExact(descriptor) != 0;
    } catch (Throwable e) {
      return false;
    }
  }
}
