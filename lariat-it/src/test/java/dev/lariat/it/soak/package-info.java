/**
 * Many live WebSockets through a proxy that cuts them off at random, for as long as one likes: what
 * they promise is held against what the server has seen.
 */
package dev.lariat.it.soak;
