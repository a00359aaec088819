/** The programs of the README, which shows each of them from its first import to its end. */
package dev.lariat.examples.readme;
