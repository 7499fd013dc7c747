/** Names of JSON fields as CEL identifiers. Source: apiserver `pkg/cel/escaping.go`. */

/** Words of the CEL grammar, which no identifier may be. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

const plain = /^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/;

/** The CEL identifier for a JSON field name; undefined where the name cannot be one, so that no expression sees it. */
export function escapeField(jsonName: string): string | undefined {
  if (reservedWords.has(jsonName)) return `__${jsonName}__`;
  return plain.test(jsonName) ? jsonName.replace(/__|[.\-/]/g, (found) => escapes[found]!) : undefined;
}
