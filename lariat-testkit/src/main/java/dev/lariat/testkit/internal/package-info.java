/** What all of the test kit uses. */
package dev.lariat.testkit.internal;
