/**
 * What every floor agrees on when it reads a URI: which host it names. It knows nothing of ours.
 */
package dev.lariat.internal.uri;
