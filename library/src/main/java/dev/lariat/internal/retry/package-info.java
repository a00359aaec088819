/** When to try again. */
package dev.lariat.internal.retry;
