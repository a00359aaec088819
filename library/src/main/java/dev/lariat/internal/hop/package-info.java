/** What this side says to a proxy, and hears, until bytes pass through it. */
package dev.lariat.internal.hop;
