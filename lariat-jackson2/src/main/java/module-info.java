/** Values as JSON by Jackson 2. */
@SuppressWarnings("module") // the digit is that of Jackson's generation
@org.jspecify.annotations.NullMarked
module dev.lariat.jackson2 {
  requires transitive dev.lariat;
  requires transitive com.fasterxml.jackson.databind;
  requires static transitive org.jspecify;

  exports dev.lariat.jackson2;
}
