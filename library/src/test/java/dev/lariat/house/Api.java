package dev.lariat.house;

import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The exported API as text: every public or protected type of these packages with what users can
 * see of it. Sorted, but for record components and enum constants, whose order matters.
 */
final class Api {
  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");

  private Api() {}

  /** The packages that this module exports to everybody. */
  static Set<String> exports(ModuleDescriptor module) {
    return module.exports().stream()
        .filter(export -> !export.isQualified())
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What these classes show. */
  static List<String> of(Collection<Class<?>> classes) {
    TreeMap<String, List<String>> types = new TreeMap<>();
    for (Class<?> type : classes) {
      if (isSeen(type)) {
        types.put(type.getCanonicalName(), members(type));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> type : types.values()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.addAll(type);
    }
    return lines;
  }

  private static boolean isSeen(Class<?> type) {
    return isSeen(type.getModifiers())
        && type.getCanonicalName() != null
        && (type.getEnclosingClass() == null || isSeen(type.getEnclosingClass()));
  }

  private static boolean isSeen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static List<String> members(Class<?> type) {
    List<String> lines = new ArrayList<>();
    lines.add(declaration(type));
    if (type.isSealed()) {
      Stream.of(type.getPermittedSubclasses())
          .map(permitted -> "  permits " + permitted.getCanonicalName())
          .sorted()
          .forEach(lines::add);
    }
    if (type.isRecord()) {
      for (RecordComponent part : type.getRecordComponents()) {
        lines.add("  component " + part.getName() + ": " + text(part.getAnnotatedType()));
      }
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        lines.add("  constant " + ((Enum<?>) constant).name());
      }
    }
    Set<String> sorted = new TreeSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (isSeen(field.getModifiers()) && !field.isSynthetic() && !field.isEnumConstant()) {
        sorted.add("  field " + field(field));
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isSeen(constructor.getModifiers()) && !constructor.isSynthetic()) {
        sorted.add("  constructor " + parameters(constructor));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isSeen(method.getModifiers())
          && !method.isSynthetic()
          && !OF_EVERY_OBJECT.contains(method.getName())
          && !isMadeByTheCompiler(method)) {
        sorted.add("  method " + method(method));
      }
    }
    lines.addAll(sorted);
    return lines;
  }

  /** The accessors of a record and the two methods of every enum. */
  private static boolean isMadeByTheCompiler(Method method) {
    Class<?> type = method.getDeclaringClass();
    return type.isRecord()
            && Stream.of(type.getRecordComponents())
                .anyMatch(part -> part.getAccessor().equals(method))
        || type.isEnum() && Set.of("values", "valueOf").contains(method.getName());
  }

  private static String declaration(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "annotation"
            : type.isInterface()
                ? "interface"
                : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
    StringBuilder line = new StringBuilder();
    if (kind.equals("class")) {
      line.append(modifiers(type.getModifiers() & ~Modifier.STATIC));
    } else if (Modifier.isProtected(type.getModifiers())) {
      line.append("protected ");
    }
    line.append(type.isSealed() ? "sealed " : "").append(kind).append(' ');
    line.append(type.getCanonicalName());
    if (type.getTypeParameters().length > 0) {
      line.append(Arrays.toString(type.getTypeParameters()).replace('[', '<').replace(']', '>'));
    }
    AnnotatedType above = type.isInterface() ? null : type.getAnnotatedSuperclass();
    if (above != null
        && !Set.<Object>of(Object.class, Record.class).contains(above.getType())
        && !type.isEnum()) {
      line.append(" extends ").append(text(above));
    }
    if (type.getAnnotatedInterfaces().length > 0) {
      line.append(type.isInterface() ? " extends " : " implements ");
      line.append(
          Stream.of(type.getAnnotatedInterfaces())
              .map(Api::text)
              .sorted()
              .collect(Collectors.joining(", ")));
    }
    return line.append(type.isAnnotationPresent(Deprecated.class) ? " deprecated" : "").toString();
  }

  private static String field(Field field) {
    String line =
        modifiers(field.getModifiers()) + field.getName() + ": " + text(field.getAnnotatedType());
    boolean constant =
        Modifier.isStatic(field.getModifiers())
            && Modifier.isFinal(field.getModifiers())
            && (field.getType().isPrimitive() || field.getType() == String.class);
    try {
      return constant ? line + " = " + field.get(null) : line; // its users copy the value
    } catch (IllegalAccessException e) {
      return line; // protected
    }
  }

  private static String method(Method method) {
    String line = modifiers(method.getModifiers() & ~Modifier.TRANSIENT & ~Modifier.VOLATILE);
    if (method.isDefault()) {
      line += "default ";
    }
    line += method.getName() + parameters(method);
    if (method.getReturnType() != void.class) {
      line += ": " + text(method.getAnnotatedReturnType());
    }
    if (method.getExceptionTypes().length > 0) {
      line +=
          " throws "
              + Stream.of(method.getAnnotatedExceptionTypes())
                  .map(Api::text)
                  .sorted()
                  .collect(Collectors.joining(", "));
    }
    return line + (method.isAnnotationPresent(Deprecated.class) ? " deprecated" : "");
  }

  private static String parameters(Executable executable) {
    List<String> types = new ArrayList<>();
    for (Parameter parameter : executable.getParameters()) {
      String type = text(parameter.getAnnotatedType());
      types.add(parameter.isVarArgs() ? type.replaceFirst("\\[]$", "...") : type);
    }
    String generic =
        executable.getTypeParameters().length == 0
            ? ""
            : Arrays.toString(executable.getTypeParameters()).replace('[', '<').replace(']', '>');
    return generic + "(" + String.join(", ", types) + ")";
  }

  /** What is public goes without saying; in a class, so does what everything there is. */
  private static String modifiers(int modifiers) {
    String text = Modifier.toString(modifiers & ~Modifier.PUBLIC & ~Modifier.INTERFACE);
    return text.isEmpty() ? "" : text + " ";
  }

  private static String text(AnnotatedType type) {
    return type.toString()
        .replace("@org.jspecify.annotations.Nullable()", "@Nullable")
        .replace("@org.jspecify.annotations.Nullable", "@Nullable")
        .replaceAll("\\bjava\\.lang\\.(?=(@Nullable )?[A-Z])", "")
        .replace('$', '.');
  }
}
