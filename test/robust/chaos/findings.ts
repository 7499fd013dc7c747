import type { Deployment, ReplicaSet } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod, Service } from '../../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../src/api/types/discovery-v1.gen.ts';
import { type SeenVolumes, volumeFindings } from './volume-findings.ts';

/** Everything there is in the namespaces of a chaos run, read when all is said to be done. */
export interface Seen extends SeenVolumes {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Names of the nodes there are. */
  readonly nodes: ReadonlySet<string>;
}

interface Owned {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly uid: string;
      readonly kind: string;
      readonly controller?: boolean;
    }[];
  };
}

const nameOf = ({ metadata }: Owned): string => `${metadata?.namespace}/${metadata?.name}`;
const uidOf = ({ metadata }: Owned): string => metadata?.uid ?? '';
const ownersOf = ({ metadata }: Owned) => (metadata?.ownerReferences ?? []).filter(({ controller }) => controller);
const isGoing = ({ metadata }: Pod | ReplicaSet): boolean => metadata?.deletionTimestamp !== undefined;
const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

/** What is not as it must be once the controllers have done their work. Empty when all is well. */
export function findings(seen: Seen): string[] {
  return [
    ...ownerFindings(seen),
    ...seen.deployments.flatMap((deployment) => deploymentFindings(deployment, seen)),
    ...statefulSetFindings(seen),
    ...podFindings(seen),
    ...seen.services.flatMap((service) => serviceFindings(service, seen)),
    ...volumeFindings(seen),
  ];
}

/** No double owner, no owner that is gone, and none missing where there is one that could be. */
function ownerFindings({ deployments, replicaSets, statefulSets, pods }: Seen): string[] {
  const there = new Set([...deployments, ...replicaSets, ...statefulSets].map(uidOf));
  const apps = new Set([...deployments, ...statefulSets].map(nameOf));
  return [...replicaSets, ...pods].flatMap((object) => {
    const owners = ownersOf(object);
    const app = `${object.metadata?.namespace}/${object.metadata?.labels?.['app']}`;
    if (owners.length === 0 && apps.has(app)) return [`${nameOf(object)} has no controller, but there is ${app}`];
    if (owners.length > 1) return [`${nameOf(object)} has ${owners.length} controllers`];
    return owners.filter(({ uid }) => !there.has(uid)).map(({ kind }) => `${nameOf(object)}: its ${kind} is gone`);
  });
}

function deploymentFindings(deployment: Deployment, { replicaSets, pods }: Seen): string[] {
  const { metadata, spec, status } = deployment;
  const name = `deployment ${nameOf(deployment)}`;
  const wanted = spec?.replicas ?? 1;
  if (status?.observedGeneration !== metadata?.generation) return [`${name}: its newest spec has not been looked at`];
  const own = replicaSets.filter((set) => ownersOf(set)[0]?.uid === uidOf(deployment));
  const filled = own.filter((set) => (set.spec?.replicas ?? 0) > 0);
  const found: string[] = [];
  if (filled.length !== (wanted > 0 ? 1 : 0)) found.push(`${name}: ${filled.length} replica sets with pods`);
  const image = spec?.template.spec?.containers[0]?.image;
  if (filled.some((set) => set.spec?.template?.spec?.containers[0]?.image !== image))
    found.push(`${name}: the replica set with pods is not of the newest template`);
  const sets = new Set(own.map(uidOf));
  const count = pods.filter((pod) => sets.has(ownersOf(pod)[0]?.uid ?? '') && !isGoing(pod)).length;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  const counts = { pods: count, replicas, updatedReplicas, readyReplicas, availableReplicas };
  for (const [what, value] of Object.entries(counts))
    if (value !== wanted) found.push(`${name}: ${what} ${value}, wanted ${wanted}`);
  return found;
}

function statefulSetFindings({ statefulSets, pods }: Seen): string[] {
  return statefulSets.flatMap((set) => {
    const name = `stateful set ${nameOf(set)}`;
    const wanted = set.spec?.replicas ?? 1;
    const own = pods.filter((pod) => ownersOf(pod)[0]?.uid === uidOf(set));
    const names = own.map(({ metadata }) => metadata?.name).sort();
    const expected = Array.from({ length: wanted }, (_, i) => `${set.metadata?.name}-${i}`).sort();
    const found = String(names) === String(expected) ? [] : [`${name}: has ${names}, wanted ${expected}`];
    const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = set.status ?? {};
    for (const [what, value] of Object.entries({ replicas, readyReplicas, updatedReplicas }))
      if (value !== wanted) found.push(`${name}: ${what} ${value}, wanted ${wanted}`);
    if (currentRevision !== updateRevision) found.push(`${name}: is still being updated`);
    return found;
  });
}

function podFindings({ pods, nodes }: Seen): string[] {
  return pods.flatMap((pod) => {
    const node = pod.spec?.nodeName;
    if (isGoing(pod)) return [`pod ${nameOf(pod)} is still going`];
    if (!node) return [`pod ${nameOf(pod)} has no node`];
    if (!nodes.has(node)) return [`pod ${nameOf(pod)} is on ${node}, which is gone`];
    return isReady(pod) ? [] : [`pod ${nameOf(pod)} is not ready`];
  });
}

function serviceFindings(service: Service, { pods, slices }: Seen): string[] {
  const selector = Object.entries(service.spec?.selector ?? {});
  const { namespace, name } = service.metadata ?? {};
  const wanted = pods
    .filter((pod) => pod.metadata?.namespace === namespace)
    .filter((pod) => selector.every(([key, value]) => pod.metadata?.labels?.[key] === value))
    .map(({ status }) => status?.podIP)
    .sort();
  const given = slices
    .filter(({ metadata }) => metadata?.namespace === namespace)
    .filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .flatMap(({ addresses }) => addresses)
    .sort();
  return String(given) === String(wanted)
    ? []
    : [`service ${nameOf(service)}: has ${given.length} ready addresses, wanted those of ${wanted.length} pods`];
}
