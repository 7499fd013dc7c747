import { perCallLimit } from '../../../api/cel/budgets.ts';
import { cel } from '../../../api/cel/cel.ts';
import { CelRuntimeError } from '../../../api/cel/environment.ts';
import { type Expression, evaluated } from './expression.ts';

/** Values by the names that expressions know them by. */
export type Bindings = Readonly<Record<string, unknown>>;

/** The variables of a policy, in its order. */
export type Variables = ReadonlyMap<string, Expression>;

/** Variables that need each other deeper than this do not evaluate: each takes its part of the stack. */
const deepest = 100;

/**
 * What the expressions that are run together see: the write, and the variables of the policy, each of which is computed when
 * it is first used, if it is. CEL must have been loaded. Source: apiserver `admission/plugin/cel/composition.go`.
 */
export class Scene {
  readonly bindings: Bindings;
  #cost = 0;
  #depth = 0;

  constructor(bindings: Bindings, variables: Variables) {
    this.bindings = variables.size === 0 ? bindings : { ...bindings, variables: this.#composed(variables) };
  }

  /** What variables have cost since this was last asked. */
  takeCost(): number {
    const cost = this.#cost;
    this.#cost = 0;
    return cost;
  }

  #composed(variables: Variables): unknown {
    return new cel.value.LazyRecord([...variables.keys()], (name) => this.#compute(name, variables.get(name)!));
  }

  #compute(name: string, { program, error }: Expression): unknown {
    const shown = JSON.stringify(name);
    if (!program) throw new CelRuntimeError(`composited variable ${shown} fails to compile: ${error}`);
    if (this.#depth >= deepest) throw new CelRuntimeError(`composited variable ${shown} is nested too deeply`);
    this.#depth++;
    const { cost, ...outcome } = evaluated(() => program.evaluateVariable(this.bindings, perCallLimit));
    this.#depth--;
    this.#cost += cost;
    if (outcome.error === undefined) return outcome.value;
    throw new CelRuntimeError(`composited variable ${shown} fails to evaluate: ${outcome.error}`);
  }
}
