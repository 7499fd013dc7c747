import { type LabelSelector, labelSelectorOf } from '../../api/selector.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { tolerates } from '../rules/tolerations.ts';
import type { PodInfo } from '../state/pod-info.ts';

type Labels = Readonly<Record<string, string>>;

interface Constraints {
  readonly keys: readonly string[];
  readonly selectors: readonly LabelSelector[];
}

/** A pod that waits meets many events; its constraints are compiled once. */
const compiled = new WeakMap<PodInfo, Constraints>();

function constraintsOf(pod: PodInfo, defaultKeys: readonly string[]): Constraints {
  let known = compiled.get(pod);
  if (!known) {
    const own = pod.pod.spec?.topologySpreadConstraints ?? [];
    const hard = own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
    known = {
      keys: own.length > 0 ? hard.map(({ topologyKey }) => topologyKey) : defaultKeys,
      selectors: hard.map(({ labelSelector }) => labelSelectorOf(labelSelector)),
    };
    compiled.set(pod, known);
  }
  return known;
}

/**
 * What a pod waits for that would be too many in its domain (PodTopologySpread.EventsToRegister). `defaultKeys` are the
 * topologies of the constraints that pods without any have to meet: by no selector a hint could judge by, so that any pod
 * wakes them.
 */
export function podTopologySpreadEvents(defaultKeys: readonly string[] = []): readonly EventHint[] {
  const of = (pod: PodInfo) => constraintsOf(pod, defaultKeys);
  return [
    { resource: 'Pod', actions: ['Add', 'UpdatePodLabel', 'Delete'], hint: (event) => podCounts(event, of) },
    {
      resource: 'Node',
      actions: ['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'],
      hint: (event) => domainsChange(event, of),
    },
  ];
}

function podCounts({ old, now }: ClusterEvent, of: (pod: PodInfo) => Constraints): PodTest {
  const [before, after] = [old as Pod | undefined, now as Pod | undefined];
  const { namespace, uid } = (after ?? before)?.metadata ?? {};
  return (pod) => {
    if (pod.namespace !== namespace) return false;
    const { selectors } = of(pod);
    const counts = (other: Pod) => selectors.some((selector) => selector.matches(other.metadata?.labels));
    if (selectors.length === 0 || pod.uid === uid) return true;
    if (before && after) return counts(before) !== counts(after);
    return counts((after ?? before)!);
  };
}

function domainsChange({ old, now }: ClusterEvent, of: (pod: PodInfo) => Constraints): PodTest {
  const [before, after] = [old as Node | undefined, now as Node | undefined];
  return (pod) => {
    const { keys } = of(pod);
    const [was, is] = [before && isDomain(before, keys), after && isDomain(after, keys)];
    if (!before || !after) return (was || is) ?? false;
    if (was !== is) return true;
    if (!is) return false;
    const [a, b] = [labelsOf(before), labelsOf(after)];
    return keys.some((key) => a[key] !== b[key]) || tolerable(pod, before) !== tolerable(pod, after);
  };
}

const labelsOf = ({ metadata }: Node): Labels => metadata?.labels ?? {};
const isDomain = (node: Node, keys: readonly string[]) => keys.every((key) => labelsOf(node)[key] !== undefined);
const tolerable = ({ pod }: PodInfo, { spec }: Node) =>
  (spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec?.tolerations, taint));
