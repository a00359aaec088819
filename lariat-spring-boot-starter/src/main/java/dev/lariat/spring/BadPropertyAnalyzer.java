package dev.lariat.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Lets a start that fails for a property end with a sentence, and not with a stack trace. */
final class BadPropertyAnalyzer extends AbstractFailureAnalyzer<BadPropertyException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, BadPropertyException cause) {
    return new FailureAnalysis(
        cause.getMessage(), "Change the property " + cause.property() + ".", cause);
  }
}
