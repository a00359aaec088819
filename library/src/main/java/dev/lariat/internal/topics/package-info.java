/** Topics: which reader reads what, and which socket has which subscription. */
package dev.lariat.internal.topics;
