/** A program of a user's: it compiles against nothing but the library. */
module consumer {
  requires dev.lariat;
}
