/** Values as JSON by Jackson 3. */
@org.jspecify.annotations.NullMarked
module dev.lariat.jackson {
  requires transitive dev.lariat;
  requires transitive tools.jackson.databind;
  requires static transitive org.jspecify;

  exports dev.lariat.jackson;
}
