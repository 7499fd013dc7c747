import { maxMessageBytes, requestBudget } from '../../../../api/cel/budgets.ts';
import type { StatusReason } from '../../../../api/status.ts';
import type {
  ValidatingAdmissionPolicy,
  Validation as ValidationSpec,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import { Budget, OutOfBudget } from '../../expressions/budget.ts';
import { compiledTo, type Expression, type Outcome } from '../../expressions/expression.ts';
import { conditionsHold } from '../../expressions/match-conditions.ts';
import { run } from '../../expressions/run.ts';
import { type Bindings, Scene } from '../../expressions/scene.ts';
import { type CompiledPolicy, compilePolicy } from '../compiled.ts';

/** A ValidatingAdmissionPolicy, compiled. */
export interface Validator extends CompiledPolicy {
  readonly validations: readonly Validation[];
  readonly annotations: readonly Expression[];
}

interface Validation {
  readonly spec: ValidationSpec;
  readonly expression: Expression;
  readonly message: Expression | undefined;
}

/** What speaks against a write. */
export interface Failure {
  readonly message: string;
  /** What the answer gives as the reason; `Invalid` unless the policy says otherwise. */
  readonly reason: StatusReason;
}

export interface Verdict {
  /** What the binding's actions are for, in the order of the validations. */
  readonly failures: readonly Failure[];
  /** Audit annotations that could not be computed, and so refuse the write whatever the binding does about failures. */
  readonly faults: readonly Failure[];
}

const nothing: Verdict = { failures: [], faults: [] };
const because = (message: string): Failure => ({ message, reason: 'Invalid' });

/** Compiles a policy. CEL must have been loaded. */
export function compileValidator({ spec = {} }: ValidatingAdmissionPolicy): Validator {
  const { compiled, expressions } = compilePolicy(spec);
  return {
    ...compiled,
    validations: (spec.validations ?? []).map((validation) => ({
      spec: validation,
      expression: compiledTo(expressions, 'condition', validation.expression),
      message: validation.messageExpression
        ? compiledTo(expressions, 'message', validation.messageExpression)
        : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ valueExpression }) =>
      compiledTo(expressions, 'auditAnnotation', valueExpression),
    ),
  };
}

/**
 * Holds a write against a policy. `bindings` has all that expressions may see, but for the variables. Source of rules and
 * texts: apiserver `admission/plugin/policy/validating/validator.go`, which computes messages before it knows whether they
 * are needed.
 */
export function validate(validator: Validator, bindings: Bindings): Verdict {
  const { fails, variables } = validator;
  const matching = conditionsHold(validator.conditions, new Scene({ ...bindings, namespaceObject: null }, variables));
  if (matching.error !== undefined) return fails ? { failures: [because(matching.error)], faults: [] } : nothing;
  if (!matching.matches) return nothing;
  return { failures: failuresOf(validator, bindings), faults: fails ? faultsOf(validator, bindings) : [] };
}

function failuresOf(validator: Validator, bindings: Bindings): readonly Failure[] {
  const { validations, fails, variables } = validator;
  const budget = new Budget(requestBudget);
  const scene = new Scene(bindings, variables);
  let outcomes: readonly Outcome[];
  try {
    outcomes = validations.map(({ expression }) => run(expression, scene, budget));
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return fails ? [because(error.message)] : [];
  }
  const told = new Scene(bindings, variables);
  return outcomes.flatMap((outcome, i): Failure[] => {
    if (outcome.error !== undefined) return fails ? [because(outcome.error)] : [];
    return outcome.value === true ? [] : failureOf(validations[i]!, told, budget, fails);
  });
}

/** A validation that does not hold, in its own words where it has some that can be shown. */
function failureOf({ spec, message }: Validation, scene: Scene, budget: Budget, fails: boolean): Failure[] {
  const reason = (spec.reason ?? 'Invalid') as StatusReason;
  try {
    const text = (message && shown(run(message, scene, budget))) || spec.message?.trim();
    return [{ message: text || `failed expression: ${spec.expression.trim()}`, reason }];
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return fails ? [because(`failed messageExpression: ${error.message}`)] : [];
  }
}

/** What a messageExpression gave, if it can be shown. */
function shown(outcome: Outcome): string {
  const text = outcome.error === undefined && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  return text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? '' : text;
}

/** Audit annotations may not ask the authorizer. What they say is dropped: there is no audit log. */
function faultsOf({ annotations, variables }: Validator, bindings: Bindings): readonly Failure[] {
  if (annotations.length === 0) return [];
  const { authorizer: _, ...rest } = bindings;
  const scene = new Scene(rest, variables);
  const budget = new Budget(requestBudget);
  try {
    return annotations
      .map((annotation) => run(annotation, scene, budget).error)
      .filter((error) => error !== undefined)
      .map(because);
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return [because(error.message)];
  }
}
