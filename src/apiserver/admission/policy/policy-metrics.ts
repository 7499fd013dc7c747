import { Counter, labels } from '../../../base/metrics.ts';

/** What came of an expression: nothing wrong, or what upstream makes of the text of the error. */
function errorType(message: string | undefined): string {
  if (message === undefined) return 'no_error';
  if (message.startsWith('compilation')) return 'compile_error';
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}

/**
 * Counts what policies do. Source: apiserver `plugin/policy/{validating,mutating}/metrics`, which also time each expression.
 */
export class PolicyMetrics {
  readonly #validations = new Counter(
    'apiserver_validating_admission_policy_check_total',
    'Validations that did not hold or could not be told, by what was done about them.',
  );
  readonly #mutations = new Counter(
    'apiserver_mutating_admission_policy_check_total',
    'Mutations, by what was wrong with them.',
  );

  /** A validation that did not hold, or with `allow` an error that was ignored. */
  validated(policy: string, binding: string, action: 'allow' | 'deny' | 'audit' | 'warn', message: string): void {
    const what = { policy, policy_binding: binding, error_type: errorType(message), enforcement_action: action };
    this.#validations.add(labels(what));
  }

  /** A mutation that was done, or, with a message, that could not be. */
  mutated(policy: string, binding: string, message?: string): void {
    this.#mutations.add(labels({ policy, policy_binding: binding, error_type: errorType(message) }));
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    for (const metric of [this.#validations, this.#mutations]) yield* metric.lines();
  }
}
