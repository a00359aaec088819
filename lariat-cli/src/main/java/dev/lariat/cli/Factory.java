package dev.lariat.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/**
 * Makes what the annotations of commands name. picocli's own factory first looks into every jar for
 * Groovy, which takes longer than all commands together.
 */
final class Factory implements CommandLine.IFactory {
  private static final String OWN = Factory.class.getPackageName();

  private Factory() {}

  /** The command that an object with annotations describes. */
  static CommandLine command(Object described) {
    return new CommandLine(described, new Factory());
  }

  @Override
  public <K> K create(Class<K> kind) throws Exception {
    if (!kind.getPackageName().equals(OWN)) {
      return CommandLine.defaultFactory().create(kind);
    }
    Constructor<K> constructor = kind.getDeclaredConstructor();
    return constructor.newInstance();
  }
}
