/** How values read in the sentences that users see. */
package dev.lariat.internal.text;
