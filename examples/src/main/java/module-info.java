/**
 * The guide's programs. It is a module so that the compiler holds them to what the library exports.
 */
@org.jspecify.annotations.NullMarked
module dev.lariat.examples {
  requires dev.lariat;
  requires dev.lariat.micrometer;
  requires static org.jspecify;
}
