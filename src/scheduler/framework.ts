import type { EventRecorder } from '../client/event-recorder.ts';
import { type KnownPlugin, knownPlugins } from './config/known-plugins.ts';
import type { PluginArgs, Profile } from './config/types.ts';
import { Cycle } from './cycle.ts';
import { type EventHint, everyEvent } from './events.ts';
import { hintsOf } from './hints/index.ts';
import type { NodeTable } from './node-table.ts';
import type { Plugin, PluginDescriptor, PluginHandle, World } from './plugin.ts';
import { plugins as descriptors } from './plugins/index.ts';
import type { PodInfo } from './pod-info.ts';

/** A profile with its plugins built: how the pods of one schedulerName are placed. */
export interface Framework {
  readonly name: string;
  readonly profile: Profile;
  /** What filters and scores, in the order of the filters. */
  readonly plugins: readonly Plugin[];
  readonly cycle: Cycle;
  readonly reservers: readonly Plugin[];
  readonly binders: readonly Plugin[];
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

/** Builds the plugins of a profile, for one cluster. `preempting` tells the pods for which room is being made right now. */
export function buildFramework(
  profile: Profile,
  handle: PluginHandle,
  events: EventRecorder,
  preempting: (pod: PodInfo) => boolean,
  cluster: { readonly nodes: NodeTable; readonly world: World },
): Framework {
  const { filter, score, reserve, bind, preEnqueue, postFilter } = profile.plugins;
  const args: Partial<Record<string, unknown>> = { ...profile.args };
  const built = new Map<string, Plugin>();
  const get = ({ name }: { readonly name: string }): Plugin => {
    let plugin = built.get(name);
    if (!plugin) built.set(name, (plugin = (byName.get(name) as PluginDescriptor).build(handle, args[name])));
    return plugin;
  };
  const weights = new Map(score.map(({ name, weight }) => [name, weight]));
  const filters = new Set(filter.map(({ name }) => name));
  const order = [...filter, ...score.filter(({ name }) => !filters.has(name))];
  const plugins = order.map((entry) => part(get(entry), filters.has(entry.name), weights.get(entry.name)));
  const gates = new Map(preEnqueue.map(get).flatMap(({ name, gate }) => (gate ? [[name, gate] as const] : [])));
  const preempts = postFilter.some(({ name }) => name === 'DefaultPreemption');
  if (preempts) gates.set('DefaultPreemption', preempting);
  const hints = new Map([...built.values()].map((plugin) => [plugin.name, hintsOf(plugin)]));
  hints.set('', [{ resource: 'Node', actions: ['Add'] }]).set(extenderName, everyEvent);
  return {
    name: profile.schedulerName,
    profile,
    plugins,
    cycle: new Cycle(cluster.nodes, cluster.world, plugins),
    reservers: reserve.map(get).filter((plugin) => plugin.reserve),
    binders: bind.map(get),
    preemption: preempts ? profile.args.DefaultPreemption : undefined,
    events,
    hints,
    gates,
  };
}

const nothing = { value: undefined };

/** As much of a plugin as a profile wants: its filter, or its score with a weight, or both. */
function part(plugin: Plugin, filters: boolean, weight: number | undefined): Plugin {
  return Object.create(plugin, {
    ...(!filters && { filter: nothing, rules: nothing, narrow: nothing }),
    ...(weight === undefined ? { score: nothing, rate: nothing } : { weight: { value: weight } }),
  }) as Plugin;
}
