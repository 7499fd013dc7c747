import fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference, joinRules, noRules, type Rules } from '../../../../src/network/service-proxy/rules.ts';

/** A kernel that knows just enough of nft to run our scripts and to refuse what the real one refuses. */
class TinyKernel {
  readonly chains = new Map<string, string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();

  run(script: readonly string[]): void {
    for (const line of script) this.#command(line);
    // A transaction is checked as a whole: whatever is referred to must exist at its end.
    for (const rules of this.chains.values()) for (const rule of rules) this.#check(rule);
    for (const pairs of this.elements.values()) for (const verdict of pairs.values()) this.#check(verdict);
  }

  #check(rule: string): void {
    for (const [, chain] of rule.matchAll(/goto (\S+)/g)) if (!this.chains.has(chain!)) throw new Error(`no ${chain}`);
    for (const [, set] of rule.matchAll(/@(\S+)/g)) if (!this.sets.has(set!)) throw new Error(`no set ${set}`);
  }

  #command(line: string): void {
    const [, verb, what, name = '', rest = ''] = /^(\w+) (\w+) ip t (\S+) ?(.*)$/.exec(line)!;
    const key = `${verb} ${what}`;
    if (key === 'add chain') this.chains.set(name, this.chains.get(name) ?? []);
    else if (key === 'flush chain') this.#need(this.chains, name).length = 0;
    else if (key === 'add rule') this.#need(this.chains, name).push(rest);
    else if (key === 'delete chain') this.#unused(`goto ${name}`, () => this.chains.delete(name));
    else if (key === 'add set') this.sets.set(name, rest.slice(2, -2));
    else if (key === 'delete set') this.#unused(`@${name}`, () => this.sets.delete(name));
    else this.#element(verb!, name, rest.slice(2, -2).split(', '));
  }

  #element(verb: string, map: string, items: string[]): void {
    const pairs = this.elements.get(map) ?? new Map<string, string>();
    this.elements.set(map, pairs);
    for (const item of items) {
      const [key = '', value = ''] = item.split(' : ');
      if (verb === 'delete' && !pairs.delete(key)) throw new Error(`no element ${key}`);
      if (verb === 'add' && pairs.has(key) && pairs.get(key) !== value) throw new Error(`${key} exists`);
      if (verb === 'add') pairs.set(key, value);
    }
    if (pairs.size === 0) this.elements.delete(map);
  }

  #need<T>(from: Map<string, T>, name: string): T {
    const found = from.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  #unused(reference: string, remove: () => void): void {
    const users = [...this.chains.values(), ...[...this.elements.values()].map((pairs) => [...pairs.values()])];
    const used = users.flat().some((rule) => rule.split(' ').join(' ').endsWith(reference));
    if (used) throw new Error(`${reference} is in use`);
    remove();
  }
}

/** Rules of a few Services: each has a chain, maybe a set its chain uses, and ways in. */
const anyRules: fc.Arbitrary<Rules> = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      targets: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
      sticky: fc.option(fc.integer({ min: 1, max: 2 })),
      ways: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    }),
    { selector: (service) => service.id, maxLength: 5 },
  )
  .map((services) =>
    joinRules(
      services.map(({ id, targets, sticky, ways }) => ({
        chains: new Map([[`svc${id}`, [...targets.map((t) => `dnat ${t}`), ...(sticky ? [`match @aff${id}`] : [])]]]),
        sets: new Map(sticky ? [[`aff${id}`, `timeout ${sticky}`]] : []),
        elements: new Map([['map', new Map(ways.map((way) => [`${id}.${way}`, `goto svc${id}`]))]]),
      })),
    ),
  );

const shape = (rules: Pick<Rules, 'chains' | 'sets' | 'elements'>) => ({
  chains: Object.fromEntries(rules.chains),
  sets: Object.fromEntries(rules.sets),
  elements: Object.fromEntries(
    [...rules.elements].filter(([, p]) => p.size > 0).map(([m, p]) => [m, Object.fromEntries(p)]),
  ),
});

test('a script leads from any state to any other, never against what the kernel allows', () => {
  fc.assert(
    fc.property(fc.array(anyRules, { minLength: 1, maxLength: 6 }), (states) => {
      const kernel = new TinyKernel();
      let held = noRules;
      for (const state of states) {
        kernel.run(difference('t', held, state));
        held = state;
        expect(shape(kernel)).toEqual(shape(state));
      }
    }),
  );
});

test('nothing to change is an empty script', () => {
  fc.assert(fc.property(anyRules, (state) => void expect(difference('t', state, state)).toEqual([])));
});

test('what stays is not touched, so dynamic sets keep their memory', () => {
  const one: Rules = {
    chains: new Map([['a', ['x @s']]]),
    sets: new Map([['s', 'timeout 1']]),
    elements: new Map([['m', new Map([['k', 'goto a']])]]),
  };
  const two: Rules = { ...one, chains: new Map([...one.chains, ['b', ['y']]]) };
  expect(difference('t', one, two)).toEqual(['add chain ip t b', 'add rule ip t b y']);
});
