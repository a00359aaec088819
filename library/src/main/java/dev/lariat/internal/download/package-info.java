/** What a download decides: which bytes to ask for next, and what a response means for them. */
package dev.lariat.internal.download;
