/** What every package of the test kit uses. */
package dev.lariat.testkit.internal;
