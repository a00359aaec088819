package dev.lariat.it.fuzzing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * What groups 12 to 14 compress: made up, of the kinds and sizes that the suite uses, and the same
 * in every run. Text is ASCII, since it is cut anywhere.
 */
enum TestData {
  JSON("a large JSON file", false, 194_056) {
    @Override
    void write(Random random, ByteArrayOutputStream out) {
      String record =
          "{\"id\": %d, \"active\": %b, \"balance\": \"%.2f\", \"name\": \"%s %s\", \"tags\":"
              + " [\"%s\", \"%s\"]},\n";
      print(
          out,
          record.formatted(
              random.nextInt(100_000),
              random.nextBoolean(),
              random.nextDouble(10_000),
              word(random),
              word(random),
              word(random),
              word(random)));
    }
  },
  PICTURE("a bitmap in shades of grey", true, 263_222) {
    @Override
    void write(Random random, ByteArrayOutputStream out) {
      int at = out.size();
      out.write((at % 512 + at / 512) / 4 + random.nextInt(6)); // a slope with noise
    }
  },
  PROSE("a play", true, 222_218) {
    @Override
    void write(Random random, ByteArrayOutputStream out) {
      print(out, word(random) + (random.nextInt(8) == 0 ? ",\r\n" : " "));
    }
  },
  HTML("a large HTML file", false, 263_527) {
    @Override
    void write(Random random, ByteArrayOutputStream out) {
      String row = "<tr class=\"%s\"><td>%d</td><td><a href=\"/%s\">%s</a></td></tr>\n";
      print(out, row.formatted(word(random), random.nextInt(10_000), word(random), word(random)));
    }
  },
  DOCUMENT("a large PDF, most of it compressed", true, 1_042_328) {
    @Override
    void write(Random random, ByteArrayOutputStream out) {
      byte[] stream = new byte[4000];
      random.nextBytes(stream);
      print(out, "endstream\nendobj\n" + random.nextInt(10_000) + " 0 obj\n<< /Length 4000 >>\n");
      out.writeBytes(stream);
    }
  };

  private static final String SYLLABLES = "nalomirakesutideforagublepanischwertlichdunghausein";

  final String description;
  final boolean binary;
  private final int size;

  TestData(String description, boolean binary, int size) {
    this.description = description;
    this.binary = binary;
    this.size = size;
  }

  /** Writes some more. */
  abstract void write(Random random, ByteArrayOutputStream out);

  /** Messages cut out of it, from its beginning. */
  Slices slices() {
    return new Slices(binary, Made.OCTETS[ordinal()]);
  }

  private byte[] make() {
    Random random = new Random(ordinal());
    ByteArrayOutputStream out = new ByteArrayOutputStream(size);
    while (out.size() < size) {
      write(random, out);
    }
    return Arrays.copyOf(out.toByteArray(), size);
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      int at = random.nextInt(SYLLABLES.length() - 3);
      word.append(SYLLABLES, at, at + 3);
    }
    return word.toString();
  }

  private static void print(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
  }

  /** Made once, when first asked for. */
  private static final class Made {
    static final byte[][] OCTETS = new byte[values().length][];

    static {
      for (TestData data : values()) {
        OCTETS[data.ordinal()] = data.make();
      }
    }
  }
}
