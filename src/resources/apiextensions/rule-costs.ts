import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { maxRequestSize } from '../../api/structural/cel-types.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';

/**
 * What CEL rules can cost at worst, before a definition is accepted. Source: apiextensions
 * `validation/cel_validation.go` and getCostErrorMessage.
 */

/** Of one expression. */
export const expressionCostLimit = 10_000_000;
/** Of all expressions of a schema. */
export const schemaCostLimit = 100_000_000;

const mostReported = 4;

/** How often values below a schema node can be there at most; Infinity where nothing limits it. */
export function timesBelow(schema: JSONSchemaProps, times: number): number {
  if (!Number.isFinite(times)) return Infinity;
  const limit = limitOf(schema);
  return limit === undefined ? Infinity : times * Math.max(0, limit);
}

/** By how much a schema multiplies what is below it; undefined for no limit. */
function limitOf(schema: JSONSchemaProps): number | undefined {
  if (schema.type === 'array') return schema.maxItems;
  return schema.type === 'object' && schema.additionalProperties !== undefined ? schema.maxProperties : 1;
}

/** The cost of an expression that runs once for each value of a node: as often as a request has room for, if not limited. */
export function totalCost(cost: number, times: number, minSize: number): number {
  const runs = Number.isFinite(times) ? times : Math.floor(maxRequestSize / (minSize + 1));
  return cost === 0 || runs === 0 ? 0 : cost * runs;
}

function factorText(cost: number, limit: number): string {
  const factor = cost / limit;
  if (factor > 100) return 'more than 100x';
  return `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
}

function costText(what: string, cost: number, limit: number): string {
  return `${what} exceeds budget by factor of ${factorText(cost, limit)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Complains of an expression that costs too much by itself. */
export function limitExpression(
  errors: ErrorList,
  path: FieldPath,
  what: 'rule' | 'messageExpression',
  cost: number,
): void {
  if (cost > expressionCostLimit) errors.forbidden(path, costText(`estimated ${what} cost`, cost, expressionCostLimit));
}

/** The costs of all expressions of one schema. */
export class CostAccount {
  #total = 0;
  #dearest: { readonly path: FieldPath; readonly cost: number }[] = [];

  add(path: FieldPath, cost: number): void {
    this.#total += cost;
    // What is below a hundredth of the limit is not worth a word.
    if (cost < schemaCostLimit / 100) return;
    this.#dearest = [...this.#dearest, { path, cost }].sort((a, b) => b.cost - a.cost).slice(0, mostReported);
  }

  /** Complains, naming the dearest expressions, if all together cost too much. */
  report(errors: ErrorList, path: FieldPath): void {
    if (this.#total <= schemaCostLimit) return;
    for (const expression of this.#dearest)
      errors.forbidden(
        expression.path,
        'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      );
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    errors.forbidden(path, costText(what, this.#total, schemaCostLimit));
  }
}
