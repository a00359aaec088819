/**
 * What you may choose: immutable values, checked as a whole when they are made.
 *
 * <p>A class of options has its defaults in a constant, such as {@code Timeouts.DEFAULT}. A method
 * that takes a value returns other options, which differ in that value alone, and throws an {@code
 * IllegalArgumentException} that names the option, the value and the allowed range if they are not
 * allowed. The method of the same name without a parameter returns the value. Options are equal if
 * all their values are, and every thread may share them.
 *
 * <p>Values that have few parts, such as {@code Keepalive} and {@code Form}, are records.
 */
package dev.lariat.option;
