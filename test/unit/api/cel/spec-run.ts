import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { variableTypes } from '../../../../src/api/cel/cel-environment.ts';
import type { CelType } from '../../../../src/api/cel/cel-type.ts';
import { functionsOf } from '../../../../src/api/cel/check/declaration.ts';
import { formatType } from '../../../../src/api/cel/check/type.ts';
import { type Context, compile, compileUnchecked, evaluate } from '../../../../src/api/cel/compile.ts';
import { CelCompileError, CelRuntimeError } from '../../../../src/api/cel/environment.ts';
import { kubernetesLibraries, kubernetesMacros } from '../../../../src/api/cel/library/kubernetes.ts';
import { bindingMacros } from '../../../../src/api/cel/syntax/macro.ts';
import { equal } from '../../../../src/api/cel/values/compare.ts';
import { typeName } from '../../../../src/api/cel/values/type-of.ts';
import type { Value } from '../../../../src/api/cel/values/value.ts';
import { type Json, NeedsProtobuf, readType, readValue } from './spec-values.ts';

/** Runs the official vectors: those of cel-spec, in an environment of cel-spec's, which is wider than Kubernetes'. */

export interface Vector {
  readonly name: string;
  readonly original: Original;
  readonly type: string | undefined;
}

interface Original extends Json {
  readonly name?: string;
  readonly expr: string;
  readonly value?: Json;
  readonly typedResult?: { readonly result?: Json; readonly deducedType: Json };
  readonly evalError?: unknown;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: Json } }[];
  readonly bindings?: Readonly<Record<string, { readonly value: Json }>>;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Original; readonly type?: string }[];
}

/** All vectors, by names of which each is given once: suites repeat some. */
export function vectors(): Vector[] {
  const seen = new Map<string, number>();
  return gathered(conformance as unknown as Suite, '').map((vector) => {
    const count = (seen.get(vector.name) ?? 0) + 1;
    seen.set(vector.name, count);
    return count === 1 ? vector : { ...vector, name: `${vector.name}#${count}` };
  });
}

function gathered(suite: Suite, path: string): Vector[] {
  const prefix = path === '' ? '' : `${path}/`;
  const own = suite.tests ?? [];
  return [
    ...own.map(({ original, type }) => ({ name: `${prefix}${original.name ?? original.expr}`, original, type })),
    ...(suite.suites ?? []).flatMap((inner) => gathered(inner, `${prefix}${inner.name}`)),
  ];
}

const functions = functionsOf(kubernetesLibraries);
const macros = { ...kubernetesMacros, ...bindingMacros };

const context = (variables: Readonly<Record<string, CelType>>): Context => ({
  macros,
  escapedNames: true,
  variables,
  declarations: { functions, variables: variableTypes(variables), objectType: () => undefined },
});

/** Names of messages: those of the vectors, and protobuf's own but for the two that are CEL types. */
const messages =
  /TestAllTypes|TestRequired|GlobalEnum|NestedEnum|proto[23]|\b(?:Any|Value|ListValue|Struct|NullValue|\w+Value) ?\{|google\.protobuf\.(?!Timestamp|Duration)/;

/** Whether a vector is about protobuf messages, or names of its container. */
export function needsProtobuf({ original }: Vector): boolean {
  if (messages.test(original.expr) || messages.test(JSON.stringify(original.typeEnv ?? ''))) return true;
  const values = JSON.stringify([original.value, original.typedResult, original.bindings]);
  if (messages.test(values)) return true;
  return (original.typeEnv ?? []).some(({ ident }) => ident === undefined);
}

/** Undefined when the vector holds, otherwise what is wrong. Throws `NeedsProtobuf`. */
export function failure({ original, type }: Vector): string | undefined {
  const variables: Record<string, CelType> = {};
  for (const { name, ident } of original.typeEnv ?? []) {
    if (!ident) throw new NeedsProtobuf('function declaration');
    variables[name] = readType(ident.type);
  }
  const bindings = Object.fromEntries(
    Object.entries(original.bindings ?? {}).map(([name, { value }]) => [name, readValue(value)]),
  );
  const wanted = original.value ?? original.typedResult?.result;
  const expected = wanted === undefined ? undefined : readValue(wanted);
  try {
    const compiled = (original.disableCheck ? compileUnchecked : compile)(original.expr, context(variables));
    if (original.typedResult && formatType(compiled.type) !== type)
      return `type ${formatType(compiled.type)}, not ${type}`;
    if (original.checkOnly) return undefined;
    const { value } = evaluate(compiled, bindings, 1e7);
    if (original.evalError !== undefined) return `gave ${typeName(value)} instead of an error`;
    return same(value, expected === undefined ? true : expected)
      ? undefined
      : `gave ${typeName(value)} ${String(value)}`;
  } catch (error) {
    if (!(error instanceof CelCompileError || error instanceof CelRuntimeError)) throw error;
    return original.evalError === undefined ? error.message : undefined;
  }
}

/** Equal, and of the same type: 1 is not 1u here. */
function same(value: Value, expected: Value): boolean {
  if (typeof value === 'number' && Number.isNaN(value)) return Number.isNaN(expected);
  return typeName(value) === typeName(expected) && equal(value, expected);
}
