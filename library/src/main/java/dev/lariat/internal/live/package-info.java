/** The life of a connection that heals itself. */
package dev.lariat.internal.live;
