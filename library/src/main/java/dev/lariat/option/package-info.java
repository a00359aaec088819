/** What a user may choose: immutable values, validated whole when made. */
package dev.lariat.option;
