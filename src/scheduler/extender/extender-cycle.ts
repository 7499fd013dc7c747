import type { Logger } from '../../base/log.ts';
import type { Outcome } from '../cycle/cycle.ts';
import type { Diagnosis } from '../cycle/diagnosis.ts';
import { best } from '../cycle/sweep.ts';
import { extenderName, type Framework } from '../framework.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { Nominations } from '../state/nominations.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { Extender } from './extender.ts';

export interface ConsultTools {
  readonly nodes: NodeTable;
  readonly nominations: Nominations;
  readonly log: Logger;
  random(): number;
}

/** A node that plugins and, so far, extenders would give the pod to. */
interface Choice {
  readonly slot: number;
  readonly name: string;
  /** The weighted sum of all scores so far. */
  total: number;
}

/** What is known when a pod's extenders are asked: a moment's view, as the table goes on changing. */
interface Draft {
  choices: Choice[];
  readonly diagnosis: Diagnosis;
}

/**
 * The scheduling cycle of a pod in which extenders have a say: they filter and score what the plugins let through. When the
 * node that is chosen in the end has meanwhile been given to others, the cycle begins anew. Throws what goes wrong
 * with an extender that is not ignorable, and `PluginError`.
 */
export async function placeWithExtenders(
  info: PodInfo,
  framework: Framework,
  extenders: readonly Extender[],
  tools: ConsultTools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { nominations, random } = tools;
  for (;;) {
    const draft = nominations.respecting(info, () => draftOf(info, framework, tools.nodes));
    if (draft.choices.length === 0) return { diagnosis: draft.diagnosis };
    const refused = await filter(draft, info, extenders, tools, signal);
    if (draft.choices.length === 0) return { diagnosis: merged(draft.diagnosis, refused) };
    if (draft.choices.length > 1) await prioritize(draft, info, extenders, tools, signal);
    const totals = Float64Array.from(draft.choices, ({ total }) => total);
    const slots = draft.choices.map(({ slot }) => slot);
    const slot = best(slots, totals, random);
    const { name } = draft.choices[slots.indexOf(slot)]!;
    const stillFits = () => tools.nodes.slotOf(name) === slot && !framework.cycle.judge(info)(slot);
    if (nominations.respecting(info, stillFits)) return { node: name };
    // Others get the loop, whatever happens.
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

function draftOf(info: PodInfo, { cycle }: Framework, nodes: NodeTable): Draft {
  const { slots, score, diagnose } = cycle.feasible(info);
  const chosen = Array.from(slots());
  const totals = chosen.length > 0 ? score(chosen) : new Float64Array(0);
  return {
    choices: chosen.map((slot, i) => ({ slot, name: nodes.slots[slot]!.name, total: totals[i]! })),
    diagnosis: diagnose(),
  };
}

/** A node that an extender refused, and why. */
interface ExtenderRefusal {
  readonly slot: number;
  readonly reason: string;
  readonly unresolvable: boolean;
}

/** Extenders are asked one after the other, each about what the one before left. */
async function filter(
  draft: Draft,
  { pod }: PodInfo,
  extenders: readonly Extender[],
  { nodes, log }: ConsultTools,
  signal: AbortSignal,
): Promise<ExtenderRefusal[]> {
  const refusals: ExtenderRefusal[] = [];
  for (const extender of extenders) {
    if (draft.choices.length === 0) break;
    if (!extender.config.filterVerb) continue;
    try {
      const result = await extender.filter(pod, nodesOf(draft, nodes), signal);
      const left = new Set(result.nodes);
      for (const { slot, name } of draft.choices) {
        const reason = result.unresolvable[name] ?? result.failed[name];
        if (left.has(name) || reason === undefined) continue;
        refusals.push({ slot, reason, unresolvable: Object.hasOwn(result.unresolvable, name) });
      }
      draft.choices = draft.choices.filter(({ name }) => left.has(name));
    } catch (error) {
      if (signal.aborted || !extender.config.ignorable) throw error;
      log.info('An extender was skipped', { extender: extender.name, error });
    }
  }
  return refusals;
}

/** All extenders are asked at once; one that fails gives no scores. */
async function prioritize(
  draft: Draft,
  { pod }: PodInfo,
  extenders: readonly Extender[],
  { nodes, log }: ConsultTools,
  signal: AbortSignal,
): Promise<void> {
  const asked = extenders.filter(({ config }) => config.prioritizeVerb);
  const list = nodesOf(draft, nodes);
  const answers = await Promise.allSettled(asked.map((extender) => extender.prioritize(pod, list, signal)));
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'rejected') {
      log.info('An extender gave no scores', { extender: asked[i]!.name, error: answer.reason });
      continue;
    }
    for (const choice of draft.choices) choice.total += answer.value.get(choice.name) ?? 0;
  }
}

/** The nodes in question, as far as they are still there. */
const nodesOf = ({ choices }: Draft, nodes: NodeTable) =>
  choices.flatMap(({ slot, name }) => {
    const entry = nodes.slots[slot];
    return entry?.name === name && entry.node ? [entry.node] : [];
  });

/** What plugins said and what extenders said. Why an extender refused a node need not be said. */
function merged(diagnosis: Diagnosis, refusals: readonly ExtenderRefusal[]): Diagnosis {
  const reasons = new Map(diagnosis.reasons);
  for (const { reason } of refusals) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const resolvable = refusals.filter(({ unresolvable }) => !unresolvable).map(({ slot }) => slot);
  return {
    ...diagnosis,
    reasons,
    resolvable: [...diagnosis.resolvable, ...resolvable],
    plugins: new Set([...diagnosis.plugins, extenderName]),
  };
}
