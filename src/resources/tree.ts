/** A JSON object on its way from one form to another. */
export type Tree = Record<string, unknown>;

/** Drops what is undefined, so that conversions invent no fields. */
export const defined = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined));

/** A tree without some of its fields. */
export const without = (tree: Tree, fields: readonly string[]): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([field]) => !fields.includes(field)));

/** Whether a value is a JSON object. */
export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
