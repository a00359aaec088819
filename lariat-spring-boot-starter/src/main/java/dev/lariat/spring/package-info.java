/** Lariat in Spring Boot: a client, and live connections that are configured by properties. */
@org.jspecify.annotations.NullMarked
package dev.lariat.spring;
