import type { MatchCondition, ParamKind, Variable } from '../../../api/types/admissionregistration-v1.gen.ts';
import { Expressions } from '../../../resources/admissionregistration/expressions.ts';
import { definedAs, type Expression } from '../expressions/expression.ts';
import { compileConditions } from '../expressions/match-conditions.ts';
import type { Variables } from '../expressions/scene.ts';

/** What is compiled of either kind of policy. */
export interface CompiledPolicy {
  readonly variables: Variables;
  readonly conditions: readonly Expression[];
}

interface PolicySpec {
  readonly paramKind?: ParamKind;
  readonly variables?: readonly Variable[];
  readonly matchConditions?: readonly MatchCondition[];
}

/** Compiles what both kinds of policy have. `expressions` are for what only one kind has. CEL must have been loaded. */
export function compilePolicy(spec: PolicySpec): { compiled: CompiledPolicy; expressions: Expressions } {
  const { variables = [], matchConditions = [] } = spec;
  const expressions = new Expressions({ params: spec.paramKind !== undefined, composed: variables.length > 0 });
  const defined = new Map(variables.map(({ name, expression }) => [name, definedAs(expressions, name, expression)]));
  const conditions = compileConditions(expressions, matchConditions);
  return { compiled: { variables: defined, conditions }, expressions };
}
