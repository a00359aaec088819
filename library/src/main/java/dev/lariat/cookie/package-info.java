/** Cookies (RFC 6265bis): what they are, and where a user may keep them. */
package dev.lariat.cookie;
