/**
 * Supervisors, which run tasks on virtual threads, restart those that fail, and close what a task
 * has opened when it ends.
 */
package dev.lariat.supervision;
