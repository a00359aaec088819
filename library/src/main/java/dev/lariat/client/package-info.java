/**
 * Calls for threads that wait: a caller sends a request and returns the whole answer. It follows
 * redirects, shows credentials and sends requests again if you ask for that.
 */
package dev.lariat.client;
