import {
  deployments as deploymentsRef,
  replicaSets as replicaSetsRef,
  replicationControllers as replicationControllersRef,
  statefulSets as statefulSetsRef,
} from '../../api/kinds.gen.ts';
import { groupResource, type OwnerReference, parseApiVersion } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Scale as ScaleObject } from '../../api/types/autoscaling-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import { type ControllerContext, synced } from '../controller.ts';
import { controllerOf } from '../ownership.ts';

/** Who asks for pods, and for how many. */
export interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

/** The number of pods that owners want cannot be known before something changes. */
export class NoScale extends Error {}

/** What pods' owners have in common. */
interface Workload {
  readonly metadata: Pod['metadata'];
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplateSpec };
}

/** A cache of one kind of them. */
type Workloads = Pick<Informer<Workload>, 'get' | 'on' | 'whenSynced'>;

/** A kind that owns pods itself, with the groups that have been its own. */
interface OwnerKind {
  readonly kind: string;
  readonly groups: readonly string[];
  readonly cache: Workloads;
}

/** What pods' owners ask for: the built-in kinds out of the caches, all others by their scale subresource. */
export class Scales {
  readonly #context: ControllerContext;
  readonly #deployments: Workloads;
  readonly #owners: readonly OwnerKind[];
  readonly ready: (signal: AbortSignal) => Promise<void>;

  constructor(context: ControllerContext) {
    const { informers, catalog } = context;
    this.#context = context;
    this.#deployments = informers.of(deploymentsRef);
    this.#owners = [
      { kind: 'ReplicationController', groups: [''], cache: informers.of(replicationControllersRef) },
      { kind: 'ReplicaSet', groups: ['apps', 'extensions'], cache: informers.of(replicaSetsRef) },
      { kind: 'StatefulSet', groups: ['apps'], cache: informers.of(statefulSetsRef) },
    ];
    this.ready = synced(this.#deployments, ...this.#owners.map(({ cache }) => cache), catalog);
  }

  /** Calls `changed` with the namespace and the labels of the pods of every built-in owner that wants another number. */
  onChange(changed: (namespace: string, labels: Readonly<Record<string, string>> | undefined) => void): void {
    const tell = ({ metadata, spec }: Workload) => changed(metadata.namespace!, spec?.template?.metadata?.labels);
    for (const cache of [this.#deployments, ...this.#owners.map((owner) => owner.cache)]) {
      cache.on({
        added: (workload, initial) => initial || tell(workload),
        updated: (old, workload) => {
          if (old.spec?.replicas !== workload.spec?.replicas) tell(workload);
        },
        deleted: tell,
      });
    }
  }

  /** The scales behind pods, each once. Throws `NoScale` when one cannot be told; pods without an owner are left out. */
  async of(pods: readonly Pod[], signal: AbortSignal): Promise<Scale[]> {
    const byReference = new Map<string, Scale>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (!owner || byReference.has(owner.uid)) continue;
      const namespace = pod.metadata.namespace!;
      const scale = this.#cached(owner, namespace) ?? (await this.#asked(owner, namespace, signal));
      if (!scale) throw new NoScale(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
      byReference.set(owner.uid, scale);
    }
    return [...new Map([...byReference.values()].map((scale) => [scale.uid, scale])).values()];
  }

  #cached(owner: OwnerReference, namespace: string): Scale | undefined {
    const { group } = parsed(owner);
    const entry = this.#owners.find(({ kind, groups }) => kind === owner.kind && groups.includes(group));
    const workload = entry && withUid(entry.cache, namespace, owner);
    if (!workload) return undefined;
    const above = controllerOf(workload);
    if (entry.kind !== 'ReplicaSet' || above?.kind !== 'Deployment') return scaleOf(workload);
    // The ReplicaSets of one Deployment are parts of one scale.
    const deployment = withUid(this.#deployments, namespace, above);
    return deployment && scaleOf(deployment);
  }

  async #asked(owner: OwnerReference, namespace: string, signal: AbortSignal): Promise<Scale | undefined> {
    const { client, catalog } = this.#context;
    const { kind, apiVersion, name } = owner;
    const entry = catalog.byKind(parsed(owner).group, kind);
    if (!entry)
      throw new NoScale(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
    if (!entry.scalable) throw new NoScale(`${groupResource(entry)} does not implement the scale subresource`);
    try {
      const key = { ...(entry.namespaced && { namespace }), name };
      const answer: unknown = await client.resource(entry).get(key, { subresource: 'scale', signal });
      const { metadata, spec } = answer as ScaleObject;
      return metadata?.uid === owner.uid ? { uid: owner.uid, replicas: spec?.replicas ?? 0 } : undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

function parsed({ apiVersion }: OwnerReference): { group: string } {
  const version = parseApiVersion(apiVersion);
  if (!version) throw new NoScale(`unexpected GroupVersion string: ${apiVersion}`);
  return version;
}

/** The object an owner reference means, not a namesake that came after it. */
function withUid(cache: Workloads, namespace: string, { name, uid }: OwnerReference): Workload | undefined {
  const workload = cache.get({ namespace, name });
  return workload?.metadata.uid === uid ? workload : undefined;
}

const scaleOf = ({ metadata, spec }: Workload): Scale => ({ uid: metadata.uid!, replicas: spec?.replicas ?? 1 });
