/**
 * A stand-in for the fuzzing server of the Autobahn test suite, by plain sockets and with frame and
 * compression code of its own, so that it shares no mistake with the library it judges. It knows
 * nothing of Lariat.
 */
package dev.lariat.it.fuzzing;
