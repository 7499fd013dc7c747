/**
 * Replaces `$(NAME)` by the value of NAME; an unknown name is left as written and `$$` is a literal `$`.
 * Source of the rules: k8s.io/kubernetes third_party/forked/golang/expansion.
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return lookup(name) ?? whole;
  });
}

/** Like `expand`, but an unknown name is an error: subPathExpr. */
export function expandStrictly(text: string, lookup: (name: string) => string | undefined): string {
  return expand(text, (name) => {
    const value = lookup(name);
    if (value === undefined) throw new Error(`missing value for "${name}"`);
    return value;
  });
}
