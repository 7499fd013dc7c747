import { requestBudget } from '../../../../api/cel/budgets.ts';
import type { KubeObject, Mutable } from '../../../../api/object.ts';
import type {
  MutatingAdmissionPolicy,
  Mutation as MutationSpec,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { Expressions } from '../../../../resources/admissionregistration/expressions.ts';
import { Budget, OutOfBudget } from '../../expressions/budget.ts';
import { compiledTo, type Expression, type Outcome } from '../../expressions/expression.ts';
import { run } from '../../expressions/run.ts';
import { type Bindings, Scene, type Variables } from '../../expressions/scene.ts';
import { type CompiledPolicy, compilePolicy } from '../compiled.ts';
import { type ApplyPatch, applyConfiguration, applyOperations, MutationError, type Target } from './patches.ts';

/** A MutatingAdmissionPolicy, compiled. */
export interface Mutator extends CompiledPolicy {
  readonly mutations: readonly Mutation[];
  /** Whether it may be run once more after something else has changed the object. */
  readonly again: boolean;
}

/** One mutation of a policy, compiled. */
export interface Mutation {
  readonly expression: Expression;
  readonly apply: ApplyPatch;
}

function compileMutation(
  { patchType, applyConfiguration: config, jsonPatch }: MutationSpec,
  expressions: Expressions,
): Mutation {
  const isPatch = patchType === 'JSONPatch';
  const text = (isPatch ? jsonPatch : config)?.expression ?? '';
  return {
    expression: compiledTo(expressions, isPatch ? 'jsonPatch' : 'applyConfiguration', text),
    apply: isPatch ? applyOperations : applyConfiguration,
  };
}

/** Compiles a policy. CEL must have been loaded. */
export function compileMutator({ spec = {} as never }: MutatingAdmissionPolicy): Mutator {
  const { compiled, expressions } = compilePolicy(spec);
  return {
    ...compiled,
    mutations: (spec.mutations ?? []).map((mutation) => compileMutation(mutation, expressions)),
    again: spec.reinvocationPolicy === 'IfNeeded',
  };
}

/**
 * What a mutation makes of an object. `bindings` has all that its expression may see, but for the variables. Throws
 * `MutationError`, or the Status of a result that is no object of its kind.
 */
export function mutated(
  { expression, apply }: Mutation,
  variables: Variables,
  bindings: Bindings,
  object: KubeObject,
  target: Target,
): Mutable<KubeObject> {
  if (!expression.program) throw new MutationError(expression.error);
  const outcome = afford(() => run(expression, new Scene(bindings, variables), new Budget(requestBudget)));
  if (outcome.error !== undefined) throw new MutationError(outcome.error);
  return apply(object, outcome.value, target);
}

function afford(evaluate: () => Outcome): Outcome {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof OutOfBudget) throw new MutationError(error.message);
    throw error;
  }
}
