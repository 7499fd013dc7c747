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
  /** Whether that could not be told: then the failure policy decides what it comes to. */
  readonly isError: boolean;
}

export interface Verdict {
  /** What the binding's actions are for, in the order of the validations. */
  readonly failures: readonly Failure[];
  /** Audit annotations that could not be computed: such a write is refused, whatever the binding does about failures. */
  readonly faults: readonly Failure[];
}

const nothing: Verdict = { failures: [], faults: [] };
const untold = (message: string): Failure => ({ message, reason: 'Invalid', isError: true });

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
  const { conditions, variables } = validator;
  const matching = conditionsHold(conditions, new Scene({ ...bindings, namespaceObject: null }, variables));
  if (matching.error !== undefined) return { failures: [untold(matching.error)], faults: [] };
  if (!matching.matches) return nothing;
  return { failures: failuresOf(validator, bindings), faults: faultsOf(validator, bindings) };
}

/** Runs what may run out of its budget: then that is all there is to say. */
function afford(tell: () => readonly Failure[], before = ''): readonly Failure[] {
  try {
    return tell();
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return [untold(before + error.message)];
  }
}

function failuresOf({ validations, variables }: Validator, bindings: Bindings): readonly Failure[] {
  const budget = new Budget(requestBudget);
  return afford(() => {
    const scene = new Scene(bindings, variables);
    const outcomes = validations.map(({ expression }) => run(expression, scene, budget));
    const told = new Scene(bindings, variables);
    return outcomes.flatMap((outcome, i): readonly Failure[] => {
      if (outcome.error !== undefined) return [untold(outcome.error)];
      return outcome.value === true ? [] : failureOf(validations[i]!, told, budget);
    });
  });
}

/** A validation that does not hold, in its own words where it has some that can be shown. */
const failureOf = ({ spec, message }: Validation, scene: Scene, budget: Budget): readonly Failure[] =>
  afford(() => {
    const text = (message && shown(run(message, scene, budget))) || spec.message?.trim();
    const reason = (spec.reason ?? 'Invalid') as StatusReason;
    return [{ message: text || `failed expression: ${spec.expression.trim()}`, reason, isError: false }];
  }, 'failed messageExpression: ');

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
  return afford(() =>
    annotations.flatMap((annotation) => {
      const { error } = run(annotation, scene, budget);
      return error === undefined ? [] : [untold(error)];
    }),
  );
}
