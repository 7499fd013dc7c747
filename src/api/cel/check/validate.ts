import { type Letter, misfit, parts } from '../library/format-text.ts';
import { isRegex } from '../library/regex.ts';
import type { Call, Element, Expr, ListExpr, MapExpr } from '../syntax/ast.ts';
import { children } from '../syntax/build.ts';
import type { Findings } from '../syntax/source.ts';
import { toDuration, toTimestamp } from '../values/convert.ts';
import { Fault } from '../values/fault.ts';
import type { Value } from '../values/value.ts';
import { formatType, isOptional, sameType, type Type } from './type.ts';

/**
 * What is wrong with literals of an expression that checks: texts that are no patterns or times, lists and maps of mixed
 * types, formats that do not fit their arguments. Source: cel-go `cel/validator.go`, `ext/formatting.go`.
 */
export function validateLiterals(expr: Expr, findings: Findings): void {
  validate(expr, findings, false);
}

/** `exempt` within the arguments of `format`, which may be of any types. */
function validate(expr: Expr, findings: Findings, exempt: boolean): void {
  if (expr.kind === 'call') validateCall(expr, findings);
  else if (!exempt && expr.kind === 'list') validateList(expr, findings);
  else if (!exempt && expr.kind === 'map') validateMap(expr, findings);
  const inner = exempt || (expr.kind === 'call' && expr.fn === 'format');
  for (const child of children(expr)) validate(child, findings, inner);
}

const checks: Readonly<Record<string, (value: Value) => boolean>> = {
  duration: (value) => succeeds(() => toDuration(value)),
  timestamp: (value) => succeeds(() => toTimestamp(value)),
  matches: (value) => typeof value !== 'string' || isRegex(value),
};

function succeeds(convert: () => unknown): boolean {
  try {
    convert();
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function validateCall(call: Call, findings: Findings): void {
  const [argument] = call.args;
  if (Object.hasOwn(checks, call.fn) && argument?.kind === 'literal' && !checks[call.fn]!(argument.value))
    findings.add(argument.offset, `invalid ${call.fn} argument`);
  if (call.fn === 'format' && argument?.kind === 'list') validateFormat(call, argument, findings);
}

function mismatch(expr: Expr, expected: Type, found: Type, findings: Findings): void {
  findings.add(expr.offset, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
}

const elementType = ({ value, optional }: Element): Type =>
  optional && isOptional(value.type!) ? value.type!.params[0]! : value.type!;

function validateList({ elements }: ListExpr, findings: Findings): void {
  const [first, ...others] = elements;
  if (!first) return;
  const expected = elementType(first);
  const other = others.find((element) => !sameType(elementType(element), expected));
  if (other) mismatch(other.value, expected, elementType(other), findings);
}

function validateMap({ entries }: MapExpr, findings: Findings): void {
  const [first, ...others] = entries;
  if (!first) return;
  const [key, value] = [first.key.type!, elementType(first)];
  for (const entry of others) {
    if (!sameType(entry.key.type!, key)) mismatch(entry.key, key, entry.key.type!, findings);
    if (!sameType(elementType(entry), value)) mismatch(entry.value, value, elementType(entry), findings);
  }
}

/** Kinds of types that clauses take. */
const takes: Readonly<Record<Letter, ReadonlySet<string>>> = {
  s: new Set([
    'list',
    'map',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'timestamp',
    'bytes',
    'duration',
    'type',
    'null',
  ]),
  d: new Set(['int', 'uint']),
  f: new Set(['double', 'string']),
  e: new Set(['double', 'string']),
  b: new Set(['int', 'uint', 'bool']),
  x: new Set(['int', 'uint', 'string', 'bytes']),
  o: new Set(['int', 'uint']),
};

function validateFormat(call: Call, list: ListExpr, findings: Findings): void {
  const format = call.target;
  if (format?.kind !== 'literal' || typeof format.value !== 'string') return;
  let used = 0;
  try {
    for (const part of parts(format.value, list.elements.length)) {
      if (typeof part === 'string') continue;
      const bad = unfit(list.elements[used++]!.value, part.letter);
      if (!bad) continue;
      findings.add(bad.offset, misfit(part.letter, runtimeName(bad.type!)));
      return;
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    findings.add(call.offset, error.message);
    return;
  }
  const given = list.elements.length;
  if (given > used)
    findings.add(call.offset, `too many arguments supplied to string.format (expected ${used}, got ${given})`);
}

/** The part of an argument that its clause does not take. */
function unfit(argument: Expr, letter: Letter): Expr | undefined {
  const { kind } = argument.type!;
  if (kind !== 'dyn' && !takes[letter].has(kind)) return argument;
  if (letter !== 's' || (argument.kind !== 'list' && argument.kind !== 'map')) return undefined;
  return children(argument)
    .map((child) => unfit(child, letter))
    .find((bad) => bad !== undefined);
}

const longNames: Readonly<Record<string, string>> = {
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
  null: 'null_type',
};

const runtimeName = (type: Type) => longNames[type.kind] ?? type.name;
