import { maxMessageBytes, perCallLimit, requestBudget } from '../cel/budgets.ts';
import { CelBudgetError, type CelProgram, CelRuntimeError } from '../cel/environment.ts';
import { type ErrorList, FieldPath } from '../field-errors.ts';
import { Correlation } from './correlation.ts';
import { mapListOf } from './map-list.ts';
import { fieldRatchet, isUnchanged, itemRatchet, type Ratchet } from './ratchet.ts';
import type { CompiledRule } from './rule-programs.ts';
import type { RuleNode, RuleSet } from './rule-set.ts';
import type { Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/**
 * `x-kubernetes-validations`: the CEL rules of a schema over a value and the one it replaces. Source: apiextensions-apiserver
 * `pkg/apiserver/schema/cel/validation.go`.
 */

export { compileRuleSet, type RuleSet } from './rule-set.ts';

export interface RuleRun {
  /** The value that is replaced; transition rules run only if there is one. */
  readonly old?: unknown;
  /** Whether failures of what is unchanged only warn; so unless set. */
  readonly ratchet?: boolean;
  readonly budget?: number;
}

/** Kinds of finding that a rule could stumble over. */
const blocking: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/**
 * Runs the rules of a value and appends what fails. After findings that rules could stumble over (a wrong type, a missing
 * field) they are not run, and that is said instead. Returns what is left of the budget, negative when it is used up.
 */
export function validateRules(
  rules: RuleSet | undefined,
  value: unknown,
  errors: ErrorList,
  path: FieldPath,
  run: RuleRun = {},
): number {
  const budget = run.budget ?? requestBudget;
  if (!rules) return budget;
  if (errors.errors.some(({ type }) => blocking.has(type))) {
    errors.invalid(
      FieldPath.of('<nil>'),
      null,
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    );
    return budget;
  }
  const evaluation = new Evaluation(errors, budget);
  const correlation =
    run.old === undefined || run.ratchet === false ? undefined : new Correlation(rules.node.schema, value, run.old);
  evaluation.node(rules.node, value, run.old, path, { at: correlation, above: undefined });
  return evaluation.budget;
}

/** How a rule is named in errors. */
const ruleText = ({ rule }: CompiledRule): string => (rule.message || rule.rule).trim();

const orNowhere = (path: FieldPath): FieldPath => (path.toString() === '' ? FieldPath.of('<nil>') : path);

const ownField = (tree: unknown, name: string): unknown =>
  isTree(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined;

/** One run over one value. */
class Evaluation {
  readonly #errors: ErrorList;
  /** Negative once no further rule may run. */
  budget: number;

  constructor(errors: ErrorList, budget: number) {
    this.#errors = errors;
    this.budget = budget;
  }

  /** Rules see no nulls: those of the surrounding schema must look for them. */
  node(node: RuleNode, value: unknown, old: unknown, path: FieldPath, ratchet: Ratchet): void {
    if (value === null || value === undefined) return;
    this.#rules(node, value, old ?? undefined, path, ratchet);
    if (this.budget < 0) return;
    if (Array.isArray(value)) this.#list(node, value, old, path, ratchet);
    else if (isTree(value)) this.#object(node, value, old, path, ratchet);
  }

  #list(node: RuleNode, list: readonly unknown[], old: unknown, path: FieldPath, ratchet: Ratchet): void {
    if (!node.items) return;
    const before = mapListOf(node.schema, old);
    for (let i = 0; i < list.length && this.budget >= 0; i++)
      this.node(node.items, list[i], before(list[i]), path.index(i), itemRatchet(ratchet, i));
  }

  #object(node: RuleNode, tree: Tree, old: unknown, path: FieldPath, ratchet: Ratchet): void {
    for (const name in tree) {
      if (this.budget < 0) return;
      const property = node.properties.get(name);
      const child = property ?? node.rest;
      if (child)
        this.node(
          child,
          tree[name],
          ownField(old, name),
          property ? path.child(name) : path.key(name),
          fieldRatchet(ratchet, name),
        );
    }
  }

  #rules(node: RuleNode, value: unknown, old: unknown, path: FieldPath, ratchet: Ratchet): void {
    if (node.rules.length === 0) return;
    const { type } = node.schema;
    if (this.budget <= 0) this.#stop(path, type, outOfBudget);
    for (const rule of node.rules) {
      if (this.budget < 0) return;
      if (rule.error) this.#errors.invalid(orNowhere(path), type, `rule compile error: ${rule.error}`);
      else if (rule.program && (old !== undefined || !rule.usesOldSelf || rule.rule.optionalOldSelf))
        this.#rule(rule, node.schema, value, old, path, ratchet);
    }
  }

  #rule(rule: CompiledRule, schema: Structural, value: unknown, old: unknown, path: FieldPath, ratchet: Ratchet): void {
    const bindings = old === undefined && !rule.rule.optionalOldSelf ? { self: value } : { self: value, oldSelf: old };
    const outcome = this.#spend(rule.program!, bindings);
    if (outcome.overspent === 'budget') this.#stop(path, schema.type, outOfBudget);
    else if (outcome.overspent === 'call') {
      const text = `'${outcome.error}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
      this.#stop(path, schema.type, text);
    } else if (outcome.error !== undefined)
      this.#errors.invalid(orNowhere(path), schema.type, failureText(outcome.error, rule));
    else if (outcome.value !== true) this.#fail(rule, schema, value, bindings, path, ratchet);
  }

  /** Runs a program and pays for it. */
  #spend(program: CelProgram, bindings: Readonly<Record<string, unknown>>): Outcome {
    try {
      const { value, cost } = program.evaluate(bindings, perCallLimit);
      if (cost > this.budget) return { overspent: 'budget' };
      this.budget -= cost;
      return { value };
    } catch (error) {
      if (error instanceof CelBudgetError)
        return { overspent: this.budget < perCallLimit ? 'budget' : 'call', error: error.message };
      if (!(error instanceof CelRuntimeError)) throw error;
      if (error.cost > this.budget) return { overspent: 'budget' };
      this.budget -= error.cost;
      return { error: error.message };
    }
  }

  #stop(path: FieldPath, type: string, text: string): void {
    this.#errors.invalid(orNowhere(path), type, text);
    this.budget = -1;
  }

  /** The rule does not hold. */
  #fail(
    rule: CompiledRule,
    schema: Structural,
    value: unknown,
    bindings: Readonly<Record<string, unknown>>,
    path: FieldPath,
    ratchet: Ratchet,
  ): void {
    const at = orNowhere(rule.fieldPath ? path.child(rule.fieldPath) : path);
    const before = this.#errors.errors.length;
    const text = (rule.message && this.#message(rule, schema, bindings, at)) ?? defaultText(rule);
    if (this.budget >= 0) this.#report(rule, schema, value, text, at);
    if (rule.usesOldSelf || !isUnchanged(ratchet)) return;
    for (const { text } of this.#errors.errors.splice(before)) this.#errors.warnings.push(text);
  }

  /** The text a messageExpression makes; undefined when it makes none that can be shown. */
  #message(
    rule: CompiledRule,
    schema: Structural,
    bindings: Readonly<Record<string, unknown>>,
    at: FieldPath,
  ): string | undefined {
    const outcome = this.#spend(rule.message!, bindings);
    if (outcome.overspent === 'budget')
      this.#stop(
        at,
        schema.type,
        'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      );
    else if (outcome.overspent === 'call') {
      const shown = JSON.stringify(rule.rule.messageExpression);
      this.#stop(
        at,
        schema.type,
        `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${shown}`,
      );
    }
    const text = typeof outcome.value === 'string' ? outcome.value.trim() : '';
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? undefined : text;
  }

  #report(rule: CompiledRule, schema: Structural, value: unknown, text: string, at: FieldPath): void {
    const isContainer = schema.type === 'object' || schema.type === 'array';
    switch (rule.rule.reason) {
      case 'FieldValueForbidden':
        this.#errors.forbidden(at, text);
        return;
      case 'FieldValueRequired':
        this.#errors.required(at, text);
        return;
      case 'FieldValueDuplicate':
        if (isContainer) this.#errors.duplicateUnshown(at);
        else this.#errors.duplicate(at, value);
        return;
      default:
        if (isContainer) this.#errors.invalidTogether(at, text);
        else this.#errors.invalid(at, value, text);
    }
  }
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  /** What ran out: the budget of the request, or the limit of one call. */
  readonly overspent?: 'budget' | 'call';
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** Overloads that only a run can tell to be missing lie in values of dynamic type: int-or-string. */
const failureText = (error: string, rule: CompiledRule): string =>
  error.startsWith('no such overload')
    ? `'${error}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
    : `${error} evaluating rule: ${ruleText(rule)}`;

const defaultText = (rule: CompiledRule): string =>
  rule.rule.message ? rule.rule.message.trim() : `failed rule: ${ruleText(rule)}`;
