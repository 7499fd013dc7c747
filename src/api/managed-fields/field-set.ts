import { canonicalElement, compareElements, PathError } from './path-element.ts';

/**
 * Sets of field paths in the very form they are stored: FieldsV1. A node names its children by path element (`f:name`,
 * `k:{"name":"a"}`, `v:"x"`); `.` says that the node itself is a member; a node without anything is a member too. Sets are
 * never changed, so stored ones are shared; operations return an operand where nothing differs. The root is no member,
 * though an empty root looks like one.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A member without members below it. */
export const leaf: FieldSet = Object.freeze({});

/** No paths at all: as a root the same value as `leaf`. */
export const emptySet: FieldSet = leaf;

const self = '.';

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path of this node is in the set, rather than only paths below it. */
export const isMember = (node: FieldSet): boolean => Object.hasOwn(node, self) || isEmptySet(node);

/** The path elements below a node. */
export const elementsOf = (node: FieldSet): string[] => Object.keys(node).filter((key) => key !== self);

/** Puts a node together; undefined when neither it nor anything below is a member. */
export function makeNode(member: boolean, children: Record<string, FieldSet>): FieldSet | undefined {
  if (isEmptySet(children)) return member ? leaf : undefined;
  return member ? { [self]: leaf, ...children } : children;
}

/** A set of one path. */
export const pathSet = (...elements: readonly string[]): FieldSet =>
  elements.reduceRight<FieldSet>((below, element) => ({ [element]: below }), leaf);

/** Whether a path is in the set. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node = set;
  for (const element of path) {
    if (!Object.hasOwn(node, element)) return false;
    node = node[element]!;
  }
  return path.length > 0 && isMember(node);
}

/** Every path of a set: of each node its own members first, then what is below, both sorted. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = elementsOf(set).sort(compareElements);
  for (const element of elements) if (isMember(set[element]!)) yield [...prefix, element];
  for (const element of elements) if (!isEmptySet(set[element]!)) yield* pathsOf(set[element]!, [...prefix, element]);
}

/** Two neighbours in the order of a stored set: the node itself, then its elements. */
const compareNeighbours = (a: string, b: string): number => (a === self ? -1 : b === self ? 1 : compareElements(a, b));

function orderedNode(node: FieldSet): FieldSet {
  const keys = Object.keys(node);
  if (keys.length === 0) return leaf;
  const children = keys.map((key) => orderedNode(node[key]!));
  const sorted = keys.every((key, i) => i === 0 || compareNeighbours(keys[i - 1]!, key) < 0);
  if (sorted && children.every((child, i) => child === node[keys[i]!])) return node;
  const entries = keys.map((key, i) => [key, children[i]!] as const);
  return Object.fromEntries(sorted ? entries : entries.sort(([a], [b]) => compareNeighbours(a, b)));
}

const inOrder = new WeakMap<FieldSet, FieldSet>();

/** A set with its elements in the order upstream writes them; looked through once, as most sets stay what they are. */
export function ordered(set: FieldSet): FieldSet {
  let result = inOrder.get(set);
  if (!result) {
    inOrder.set(set, (result = orderedNode(set)));
    inOrder.set(result, result);
  }
  return result;
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const children: Record<string, FieldSet> = {};
  for (const key in a) if (key !== self) children[key] = Object.hasOwn(b, key) ? unionNodes(a[key]!, b[key]!) : a[key]!;
  for (const key in b) if (key !== self && !Object.hasOwn(a, key)) children[key] = b[key]!;
  return makeNode(isMember(a) || isMember(b), children)!;
}

/** Paths in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  return isEmptySet(b) ? a : unionNodes(a, b);
}

function subtractNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return undefined;
  const children: Record<string, FieldSet> = {};
  let same = true;
  for (const key in a) {
    if (key === self) continue;
    const kept = Object.hasOwn(b, key) ? subtractNodes(a[key]!, b[key]!) : a[key]!;
    if (kept !== a[key]) same = false;
    if (kept !== undefined) children[key] = kept;
  }
  const member = isMember(a);
  const stays = member && !isMember(b);
  return same && member === stays ? a : makeNode(stays, children);
}

/** The root is no member: its children are taken one by one. */
function byChild(
  a: FieldSet,
  b: FieldSet,
  combine: (a: FieldSet, b: FieldSet) => FieldSet | undefined,
  alone: (a: FieldSet) => FieldSet | undefined,
): FieldSet {
  const children: Record<string, FieldSet> = {};
  let same = true;
  for (const key in a) {
    if (key === self) continue;
    const kept = Object.hasOwn(b, key) ? combine(a[key]!, b[key]!) : alone(a[key]!);
    if (kept !== a[key]) same = false;
    if (kept !== undefined) children[key] = kept;
  }
  return same ? a : children;
}

const keep = (node: FieldSet) => node;
const drop = () => undefined;

/** Paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return isEmptySet(a) || isEmptySet(b) ? a : byChild(a, b, subtractNodes, keep);
}

function intersectNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a;
  const children: Record<string, FieldSet> = {};
  for (const key in a) {
    if (key === self || !Object.hasOwn(b, key)) continue;
    const both = intersectNodes(a[key]!, b[key]!);
    if (both !== undefined) children[key] = both;
  }
  return makeNode(isMember(a) && isMember(b), children);
}

/** Paths in both sets. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => byChild(a, b, intersectNodes, drop);

function excludeNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isMember(b)) return undefined;
  const children: Record<string, FieldSet> = {};
  let same = true;
  for (const key in a) {
    if (key === self) continue;
    const kept = Object.hasOwn(b, key) ? excludeNodes(a[key]!, b[key]!) : a[key]!;
    if (kept !== a[key]) same = false;
    if (kept !== undefined) children[key] = kept;
  }
  return same ? a : makeNode(isMember(a), children);
}

/** Paths of `a` that are neither in `b` nor below a path in `b`. */
export function exclude(a: FieldSet, b: FieldSet): FieldSet {
  return isEmptySet(a) || isEmptySet(b) ? a : byChild(a, b, excludeNodes, keep);
}

const any = '*';

function patternBelow(pattern: FieldSet, element: string): FieldSet | undefined {
  if (Object.hasOwn(pattern, any)) return pattern[any];
  return Object.hasOwn(pattern, element) ? pattern[element] : undefined;
}

function selectChildren(node: FieldSet, pattern: FieldSet): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  for (const key in node) {
    const below = key === self ? undefined : patternBelow(pattern, key);
    const kept =
      below && (isEmptySet(below) ? node[key] : makeNode(isMember(node[key]!), selectChildren(node[key]!, below)));
    if (kept !== undefined) children[key] = kept;
  }
  return children;
}

/**
 * Paths on the way to or below a pattern: a set whose element `*` stands for every element and whose leaves stand for all
 * that is below.
 */
export const select = (set: FieldSet, pattern: FieldSet): FieldSet => selectChildren(set, pattern);

/** Deepest set a client may send. */
const maxDepth = 100;

function parseNode(value: unknown, depth: number): FieldSet {
  if (value === null || value === undefined) return leaf;
  if (typeof value !== 'object' || Array.isArray(value)) throw new PathError('a node of a field set must be an object');
  if (depth > maxDepth) throw new PathError('the field set is too deep');
  const children: Record<string, FieldSet> = {};
  let member = false;
  for (const [key, child] of Object.entries(value)) {
    if (key === self) {
      member = true;
      continue;
    }
    const element = canonicalElement(key);
    if (element === undefined) continue;
    const node = parseNode(child, depth + 1);
    children[element] = Object.hasOwn(children, element) ? unionNodes(children[element]!, node) : node;
  }
  return makeNode(member || isEmptySet(children), children)!;
}

/** Reads a set that a client sent. Throws `PathError`. */
export function parseFieldSet(value: unknown): FieldSet {
  const root = parseNode(value ?? {}, 0);
  return Object.hasOwn(root, self) ? Object.fromEntries(Object.entries(root).filter(([key]) => key !== self)) : root;
}
