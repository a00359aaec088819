/** Lariat's connections as Micrometer's meters. */
package dev.lariat.micrometer;
