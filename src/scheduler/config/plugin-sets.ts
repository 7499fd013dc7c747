import { type ExtensionPoint, extensionPoints, type KnownPlugin } from './known-plugins.ts';
import type { EnabledPlugin } from './types.ts';

export interface PluginEntry {
  readonly name: string;
  readonly weight?: number;
}

export interface PluginSet {
  readonly enabled?: readonly PluginEntry[];
  readonly disabled?: readonly PluginEntry[];
}

/** `profiles[].plugins` as it is written. */
export type PluginSets = Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>>;

/** A profile whose plugins make no sense together. */
export class PluginSetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PluginSetError';
  }
}

const namesOf = (entries: readonly PluginEntry[] = []) => new Set(entries.map(({ name }) => name));

/** The default plugins without those that are disabled, changed where they are named again, and then the others (mergePluginSet). */
function merge(defaults: readonly PluginEntry[], { enabled = [], disabled }: PluginSet): PluginEntry[] {
  const off = namesOf(disabled);
  const kept = off.has('*') ? [] : defaults.filter(({ name }) => !off.has(name));
  const own = new Map(enabled.map((entry) => [entry.name, entry]));
  const replaced = new Set(kept.flatMap(({ name }) => own.get(name) ?? []));
  return [...kept.map((entry) => own.get(entry.name) ?? entry), ...enabled.filter((entry) => !replaced.has(entry))];
}

/**
 * The plugins of every extension point, in order: those the point names again as it orders them, those from multiPoint,
 * the others of the point (framework/runtime `expandMultiPointPlugins`). `known` are the plugins there are, in the order
 * of the defaults. Throws `PluginSetError` with upstream's text.
 */
export function expandPlugins(
  schedulerName: string,
  sets: PluginSets,
  known: readonly KnownPlugin[],
): Record<ExtensionPoint, EnabledPlugin[]> {
  const byName = new Map(known.map((plugin) => [plugin.name, plugin]));
  const multiPoint = merge(known, sets.multiPoint ?? {});
  const points = Object.keys(extensionPoints) as ExtensionPoint[];
  for (const point of points) checkPoint(point, sets[point]?.enabled ?? [], byName);
  const missing = multiPoint.find(({ name }) => !byName.has(name));
  if (missing) throw doesNotExist('preFilter', missing.name);
  const weights = new Map<string, number>();
  for (const { name, weight } of [...(sets.score?.enabled ?? []), ...multiPoint]) {
    if (!weights.has(name) && byName.get(name)?.points.includes('score')) weights.set(name, weight || 1);
  }
  checkWeights([...weights.values()]);
  const expanded = Object.fromEntries(
    points.map((point) => [
      point,
      order(point, sets[point] ?? {}, multiPoint, byName).map((name) => ({ name, weight: weights.get(name) ?? 1 })),
    ]),
  ) as Record<ExtensionPoint, EnabledPlugin[]>;
  checkNeeded(schedulerName, expanded);
  return expanded;
}

function order(
  point: ExtensionPoint,
  { enabled = [], disabled }: PluginSet,
  multiPoint: readonly PluginEntry[],
  byName: ReadonlyMap<string, KnownPlugin>,
): string[] {
  const own = namesOf(enabled);
  const off = namesOf(disabled);
  if (off.has('*')) return [...own];
  const overriding = new Set<string>();
  const general = new Set<string>();
  for (const { name } of multiPoint) {
    if (!byName.get(name)!.points.includes(point) || off.has(name)) continue;
    if (own.has(name)) overriding.add(name);
    else if (general.has(name)) throw alreadyRegistered(name, point);
    else general.add(name);
  }
  const first = [...own].filter((name) => overriding.has(name));
  return [...first, ...general, ...[...own].filter((name) => !overriding.has(name))];
}

function checkPoint(
  point: ExtensionPoint,
  enabled: readonly PluginEntry[],
  byName: ReadonlyMap<string, KnownPlugin>,
): void {
  const seen = new Set<string>();
  for (const { name } of enabled) {
    const plugin = byName.get(name);
    if (!plugin) throw doesNotExist(point, name);
    if (!plugin.points.includes(point)) {
      throw new PluginSetError(`plugin ${JSON.stringify(name)} does not extend ${extensionPoints[point]} plugin`);
    }
    if (seen.has(name)) throw alreadyRegistered(name, point);
    seen.add(name);
  }
}

/** More than a score may be in all, as upstream counts in 64 bits. */
const mostScore = Number.MAX_SAFE_INTEGER;

function checkWeights(weights: readonly number[]): void {
  const total = weights.reduce((sum, weight) => sum + weight * 100, 0);
  if (total > mostScore) throw new PluginSetError('total score of Score plugins could overflow');
}

function checkNeeded(schedulerName: string, { queueSort, bind }: Record<ExtensionPoint, EnabledPlugin[]>): void {
  const profile = `for profile with scheduler name ${JSON.stringify(schedulerName)}`;
  if (queueSort.length !== 1) {
    throw new PluginSetError(`only one queue sort plugin required ${profile}, but got ${queueSort.length}`);
  }
  if (bind.length === 0) throw new PluginSetError(`at least one bind plugin is needed ${profile}`);
}

const doesNotExist = (point: ExtensionPoint, name: string) =>
  new PluginSetError(`${extensionPoints[point]} ${JSON.stringify(name)} does not exist`);

const alreadyRegistered = (name: string, point: ExtensionPoint) =>
  new PluginSetError(`plugin ${JSON.stringify(name)} already registered as ${JSON.stringify(extensionPoints[point])}`);
