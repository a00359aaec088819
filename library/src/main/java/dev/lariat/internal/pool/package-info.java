/** What a pool of connections decides: values in, values out. */
package dev.lariat.internal.pool;
