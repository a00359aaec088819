/**
 * Supervisors: a {@link dev.lariat.supervision.Supervisor} runs tasks on virtual threads, restarts
 * those that fail, and closes what a task has opened when it ends.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="supervisor"}
 *
 * <p>{@link dev.lariat.option.Supervision} sets how many restarts are allowed. {@link
 * dev.lariat.supervision.Scope} is what a task knows about its run, and {@link
 * dev.lariat.supervision.ChildInfo} shows the history of a child.
 */
@NullMarked
package dev.lariat.supervision;

import org.jspecify.annotations.NullMarked;
