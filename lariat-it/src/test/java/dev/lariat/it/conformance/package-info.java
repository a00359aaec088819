/**
 * Runs Lariat through a fuzzing server that speaks the client protocol of the Autobahn test suite,
 * by its public API alone; see {@code docs/CONFORMANCE.md}.
 */
package dev.lariat.it.conformance;
