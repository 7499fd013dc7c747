import type { EventRecorder } from '../client/event-recorder.ts';
import { BindError } from './binding/bind.ts';
import { type KnownPlugin, knownPlugins } from './config/known-plugins.ts';
import type { EnabledPlugin, PluginArgs, Profile } from './config/types.ts';
import { Cycle } from './cycle/cycle.ts';
import { type EventHint, everyEvent } from './events/events.ts';
import type { Extender } from './extender/extender.ts';
import type { Plugin, PluginDescriptor, PluginHandle } from './plugin.ts';
import { plugins as descriptors } from './plugins/index.ts';
import type { NodeTable } from './state/node-table.ts';
import type { PodInfo } from './state/pod-info.ts';
import type { World } from './state/world.ts';

/** A profile with its plugins built: how the pods of one schedulerName are placed. */
export interface Framework {
  readonly name: string;
  readonly profile: Profile;
  /** What filters and scores, in the order of the filters. */
  readonly plugins: readonly Plugin[];
  readonly cycle: Cycle;
  readonly reservers: readonly Plugin[];
  readonly binders: readonly Plugin[];
  readonly postFilters: readonly Plugin[];
  /** Has what plugins need before the first pod is placed. */
  prepare(): Promise<unknown>;
  /** Whether, and how, less important pods are evicted for those that fit nowhere. */
  readonly preemption: PluginArgs['DefaultPreemption'] | undefined;
  readonly events: EventRecorder;
  /** By plugin: what may undo its refusal, and whether it keeps pods from being tried at all. */
  readonly hints: ReadonlyMap<string, readonly EventHint[]>;
  readonly gates: ReadonlyMap<string, (pod: PodInfo) => boolean>;
}

/** Plugins that are part of the scheduler itself. */
const builtIn = ['PrioritySort', 'DefaultPreemption'];
const byName = new Map(descriptors.map((descriptor) => [descriptor.name, descriptor]));

/** The plugins there are, in the order of the default profile. */
export const availablePlugins: readonly KnownPlugin[] = knownPlugins.filter(
  ({ name }) => builtIn.includes(name) || byName.has(name),
);

/** By no plugin's name: a pod that no node could be asked about, because there is none. */
export const noNodes: ReadonlySet<string> = new Set(['']);
/** Stands for all extenders among the plugins that refuse. */
export const extenderName = 'Extender';

/** What all profiles look at. */
export interface Scene {
  readonly nodes: NodeTable;
  readonly world: World;
  readonly extenders: readonly Extender[];
  /** The uids of pods for which room is being made right now. */
  readonly preempting: ReadonlySet<string>;
}

/** Builds the plugins of a profile. */
export function buildFramework(
  profile: Profile,
  handle: PluginHandle,
  { nodes, world, preempting, extenders }: Scene,
  events: EventRecorder,
): Framework {
  const { filter, score, reserve, bind, preEnqueue, postFilter } = profile.plugins;
  const args: Partial<Record<string, unknown>> = { ...profile.args };
  const built = new Map<string, Plugin>();
  const get = ({ name }: { readonly name: string }): Plugin => {
    let plugin = built.get(name);
    if (!plugin) built.set(name, (plugin = (byName.get(name) as PluginDescriptor).build(handle, args[name])));
    return plugin;
  };
  const plugins = enabledParts(filter, score, get);
  const gates = new Map(preEnqueue.map(get).flatMap(({ name, gate }) => (gate ? [[name, gate] as const] : [])));
  const preempts = postFilter.some(({ name }) => name === 'DefaultPreemption');
  if (preempts) gates.set('DefaultPreemption', ({ uid }) => preempting.has(uid));
  const hints = new Map([...built.values()].map((plugin) => [plugin.name, plugin.events ?? everyEvent]));
  hints.set('', [{ resource: 'Node', actions: ['Add'] }]).set(extenderName, everyEvent);
  return {
    name: profile.schedulerName,
    profile,
    plugins,
    cycle: new Cycle(nodes, world, plugins, profile.percentageOfNodesToScore),
    reservers: reserve.map(get).filter((plugin) => plugin.reserve),
    binders: [...extenders.flatMap(binderOf), ...bind.map(get)],
    postFilters: postFilter.filter(({ name }) => byName.has(name)).map(get),
    prepare: () => Promise.all([...built.values()].map((plugin) => plugin.prepare?.())),
    preemption: preempts ? profile.args.DefaultPreemption : undefined,
    events,
    hints,
    gates,
  };
}

/** An extender with a bind verb goes before the Bind plugins (Scheduler.extendersBinding). */
function binderOf(extender: Extender): Plugin[] {
  if (!extender.config.bindVerb) return [];
  const bind: Plugin['bind'] = async ({ pod }, node, signal) => {
    if (!extender.isInterested(pod)) return false;
    try {
      await extender.bind(pod, node, signal);
      return true;
    } catch (error) {
      if (extender.config.ignorable) return false;
      throw error instanceof Error ? new BindError(error.message, error) : error;
    }
  };
  return [{ name: extender.name, bind }];
}

/** What filters and scores, in the order of the filters: of scores the order means nothing. */
function enabledParts(
  filter: readonly EnabledPlugin[],
  score: readonly EnabledPlugin[],
  get: (entry: EnabledPlugin) => Plugin,
): Plugin[] {
  const weights = new Map(score.map(({ name, weight }) => [name, weight]));
  const filters = new Set(filter.map(({ name }) => name));
  const order = [...filter, ...score.filter(({ name }) => !filters.has(name))];
  return order.map((entry) => part(get(entry), filters.has(entry.name), weights.get(entry.name)));
}

const nothing = { value: undefined };
const noFilter = { filter: nothing, rules: nothing, narrow: nothing };
const noScore = { score: nothing, rate: nothing };

/** As much of a plugin as a profile wants: its filter, or its score with a weight, or both. */
function part(plugin: Plugin, filters: boolean, weight: number | undefined): Plugin {
  return Object.create(plugin, {
    ...(!filters && noFilter),
    ...(weight === undefined ? noScore : { weight: { value: weight } }),
  }) as Plugin;
}
