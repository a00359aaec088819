/**
 * The seam between the protocols and the connection that hosts them: what an engine is, what it is
 * asked, and all that it can do.
 */
package dev.lariat.internal.protocol;
