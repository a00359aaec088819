/** What any floor keeps with an options object. It knows the class of neither. */
package dev.lariat.internal.derived;
