import { type LabelSelector, labelSelectorOf } from '../../api/selector.ts';
import type { Node, Pod, PodAffinityTerm } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import type { PodInfo } from '../state/pod-info.ts';

interface Term {
  readonly key: string;
  readonly selector: LabelSelector;
  /** Undefined for a selector of namespaces: which ones it means is found out when the pod is tried. */
  readonly namespaces: ReadonlySet<string> | undefined;
}

interface Terms {
  readonly together: readonly Term[];
  readonly apart: readonly Term[];
}

/** Pods are immutable; a pod that waits meets many events. */
const compiled = new WeakMap<Pod, Terms>();

function termsOf(pod: Pod): Terms {
  let known = compiled.get(pod);
  if (!known) {
    const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
    const compile = (terms: readonly PodAffinityTerm[] = []) => terms.map((term) => compileTerm(term, pod));
    known = {
      together: compile(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
      apart: compile(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    };
    compiled.set(pod, known);
  }
  return known;
}

function compileTerm({ topologyKey, labelSelector, namespaces, namespaceSelector }: PodAffinityTerm, owner: Pod): Term {
  const named = namespaces?.length ? namespaces : [owner.metadata?.namespace ?? ''];
  return {
    key: topologyKey,
    selector: labelSelectorOf(labelSelector),
    namespaces: namespaceSelector ? undefined : new Set(named),
  };
}

function means({ selector, namespaces }: Term, { metadata }: Pod): boolean {
  return (!namespaces || namespaces.has(metadata?.namespace ?? '')) && selector.matches(metadata?.labels);
}

/** One pod must be meant by all terms to be the company that is asked for. */
const isCompany = ({ together }: Terms, other: Pod) =>
  together.length > 0 && together.every((term) => means(term, other));
const isUnwanted = ({ apart }: Terms, other: Pod) => apart.some((term) => means(term, other));

/**
 * What a pod waits for that lacks company, or has the wrong one (InterPodAffinity.EventsToRegister). Unlike upstream's, the
 * hints also see that a pod has gone which itself wanted no such neighbour, and that a namespace has other labels.
 */
export const interPodAffinityEvents: readonly EventHint[] = [
  { resource: 'Pod', actions: ['Add', 'UpdatePodLabel', 'Delete'], hint: companyChanges },
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'], hint: domainChanges },
  { resource: 'Namespace', actions: ['Add', 'Update'], hint: () => namesNamespaces },
];

function companyChanges({ old, now }: ClusterEvent): PodTest {
  const [before, after] = [old as Pod | undefined, now as Pod | undefined];
  const guest = before && termsOf(before);
  return (pod) => {
    const terms = termsOf(pod.pod);
    if (after?.metadata?.uid === pod.uid) return true;
    const gained = after && isCompany(terms, after) && !(before && isCompany(terms, before));
    const freed = before && isUnwanted(terms, before) && !(after && isUnwanted(terms, after));
    return Boolean(gained || freed || (!after && guest && isUnwanted(guest, pod.pod)));
  };
}

function domainChanges({ old, now }: ClusterEvent): PodTest {
  const after = (now as Node).metadata?.labels ?? {};
  const before = old && ((old as Node).metadata?.labels ?? {});
  return ({ pod }) => {
    const { together, apart } = termsOf(pod);
    if (!before) return together.length === 0 || apart.length > 0 || together.some(({ key }) => key in after);
    const changed = ({ key }: Term) => before[key] !== after[key];
    // Who asks for nothing was refused by what others ask for, in domains of theirs.
    if (together.length === 0 && apart.length === 0) return true;
    return (
      together.some((term) => term.key in after && changed(term)) || apart.some((t) => t.key in before && changed(t))
    );
  };
}

function namesNamespaces({ pod }: PodInfo): boolean {
  const { together, apart } = termsOf(pod);
  return [...together, ...apart].some(({ namespaces }) => !namespaces) || together.length + apart.length === 0;
}
