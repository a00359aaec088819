/** HTTP/1.1 (RFC 9112) as an engine. */
package dev.lariat.internal.http1;
