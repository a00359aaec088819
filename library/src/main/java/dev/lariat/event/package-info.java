/** What can be observed of a connection: events as they happen, and how it stands when asked. */
package dev.lariat.event;
