/** Channels to a server: names, addresses, TLS, sockets, and the event loops they run on. */
package dev.lariat.internal.transport;
