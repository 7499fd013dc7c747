/** nft objects of one table, and scripts that lead from one state to another. Pure; knows nothing of Services. */

export interface Rules {
  /** Chain name to its rules, in order. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Dynamic set name to its declaration's inside. */
  readonly sets: ReadonlyMap<string, string>;
  /** Map name to its elements, key to value. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const noRules: Rules = { chains: new Map(), sets: new Map(), elements: new Map() };

/** Several parts' rules as one. Names are distinct by construction. */
export function joinRules(parts: Iterable<Rules>): Rules {
  const chains = new Map<string, readonly string[]>();
  const sets = new Map<string, string>();
  const elements = new Map<string, Map<string, string>>();
  for (const part of parts) {
    for (const [name, rules] of part.chains) chains.set(name, rules);
    for (const [name, set] of part.sets) sets.set(name, set);
    for (const [map, pairs] of part.elements) {
      const all = elements.get(map) ?? new Map<string, string>();
      for (const [key, value] of pairs) if (!all.has(key)) all.set(key, value);
      elements.set(map, all);
    }
  }
  return { chains, sets, elements };
}

const same = (a: readonly string[] | undefined, b: readonly string[]) =>
  a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);

/**
 * The commands, one transaction, that turn `from` into `to` in `table`. What both have is not touched, so that the
 * memory of dynamic sets stays. Ordered so that nothing is deleted while something refers to it.
 */
export function difference(table: string, from: Rules, to: Rules): string[] {
  const changed = [...to.chains].filter(([name, rules]) => !same(from.chains.get(name), rules));
  const goneChains = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  const newSets = [...to.sets].filter(([name, set]) => from.sets.get(name) !== set);
  const goneSets = [...from.sets].filter(([name, set]) => to.sets.get(name) !== set);
  const replaced = goneSets.filter(([name]) => to.sets.has(name)).map(([name]) => name);
  if (replaced.length > 0) return rebuilt(table, from, to);
  const removed: string[] = [];
  const added: string[] = [];
  for (const map of new Set([...from.elements.keys(), ...to.elements.keys()])) {
    const before = from.elements.get(map) ?? new Map<string, string>();
    const after = to.elements.get(map) ?? new Map<string, string>();
    const out = [...before].filter(([key, value]) => after.get(key) !== value).map(([key]) => key);
    const into = [...after].filter(([key, value]) => before.get(key) !== value).map(([k, v]) => `${k} : ${v}`);
    if (out.length > 0) removed.push(`delete element ip ${table} ${map} { ${out.join(', ')} }`);
    if (into.length > 0) added.push(`add element ip ${table} ${map} { ${into.join(', ')} }`);
  }
  return [
    ...newSets.map(([name, set]) => `add set ip ${table} ${name} { ${set} }`),
    ...changed.map(([name]) => `add chain ip ${table} ${name}`),
    ...changed.filter(([name]) => from.chains.has(name)).map(([name]) => `flush chain ip ${table} ${name}`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `add rule ip ${table} ${name} ${rule}`)),
    ...removed,
    ...added,
    ...goneChains.map((name) => `flush chain ip ${table} ${name}`),
    ...goneChains.map((name) => `delete chain ip ${table} ${name}`),
    ...goneSets.map(([name]) => `delete set ip ${table} ${name}`),
  ];
}

/** A set whose declaration changed cannot be altered: all goes, all comes. */
function rebuilt(table: string, from: Rules, to: Rules): string[] {
  return [...difference(table, from, noRules), ...difference(table, noRules, to)];
}
