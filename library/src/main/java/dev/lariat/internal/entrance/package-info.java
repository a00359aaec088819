/**
 * What the handles of users are made of: doors, gates and senders, on any thread. Here is also what
 * the packages above need of the handles and users must not see.
 */
package dev.lariat.internal.entrance;
