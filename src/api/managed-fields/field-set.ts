/**
 * Sets of field paths in the very form they are stored: FieldsV1. A node names its children by path element (`f:name`,
 * `k:{"name":"a"}`, `v:"x"`); `.` says that the node itself is a member; a node without anything is a member too. Sets are
 * never changed, so stored ones are shared; operations return an operand where nothing differs.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A member without members below it. */
export const leaf: FieldSet = Object.freeze({});

const self = '.';

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path of this node is in the set, rather than only paths below it. */
const isMember = (node: FieldSet): boolean => Object.hasOwn(node, self) || isEmptySet(node);

/** Puts a node together; undefined when neither it nor anything below is a member. */
export function makeNode(member: boolean, children: Record<string, FieldSet>): FieldSet | undefined {
  if (isEmptySet(children)) return member ? leaf : undefined;
  return member ? { [self]: leaf, ...children } : children;
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

/** Paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  // The root is no member, but an empty root looks like one: take its children one by one.
  const children: Record<string, FieldSet> = {};
  let same = true;
  for (const key in a) {
    const kept = Object.hasOwn(b, key) ? subtractNodes(a[key]!, b[key]!) : a[key]!;
    if (kept !== a[key]) same = false;
    if (kept !== undefined) children[key] = kept;
  }
  return same ? a : children;
}
