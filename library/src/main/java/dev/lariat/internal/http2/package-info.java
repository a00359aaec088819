/** HTTP/2 (RFC 9113) as an engine that hosts others on its streams. */
package dev.lariat.internal.http2;
