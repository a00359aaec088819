/** What joins a Netty pipeline to the engine that is hosted behind it. */
package dev.lariat.internal.pipeline;
