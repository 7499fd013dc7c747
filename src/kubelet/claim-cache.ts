import { nodes as nodesRef, persistentVolumeClaims, persistentVolumes } from '../api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/types/core-v1.gen.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';
import { keyOf } from '../client/object-key.ts';
import { podsByClaim } from '../resources/storage/pod-claims.ts';
import type { Node, Pod } from './types.ts';

/** Claims, their volumes and who has which volume on which node. */
export class ClaimCache {
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #nodes: Informer<Node>;
  readonly #changed: (pod: Pod) => void;
  /** Pods, by the claims whose volumes they have taken: "node/namespace/name". */
  readonly #holders = new Map<string, Set<string>>();

  /** `changed` hears of every pod one of whose claims or volumes has changed, or become free. */
  constructor(informers: Informers, pods: Informer<Pod>, changed: (pod: Pod) => void) {
    this.#pods = pods.index(podsByClaim);
    this.#claims = informers.of(persistentVolumeClaims);
    this.#volumes = informers.of(persistentVolumes);
    this.#nodes = informers.of(nodesRef);
    this.#changed = changed;
    const claimChanged = (claim: PersistentVolumeClaim) => this.#tell(keyOf(claim));
    const volumeChanged = ({ spec }: PersistentVolume) => {
      if (spec?.claimRef) this.#tell(`${spec.claimRef.namespace}/${spec.claimRef.name}`);
    };
    this.#claims.on({ added: claimChanged, updated: (_, claim) => claimChanged(claim) });
    this.#volumes.on({ added: volumeChanged, updated: (_, volume) => volumeChanged(volume) });
  }

  async claim(namespace: string, name: string, signal: AbortSignal): Promise<PersistentVolumeClaim | undefined> {
    await this.#claims.whenSynced(signal);
    return this.#claims.get({ namespace, name });
  }

  async volume(name: string, signal: AbortSignal): Promise<PersistentVolume | undefined> {
    await this.#volumes.whenSynced(signal);
    return this.#volumes.get(name);
  }

  async nodeLabels(node: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    await this.#nodes.whenSynced(signal);
    return this.#nodes.get(node)?.metadata?.labels ?? {};
  }

  /** Takes a claim's volume for a pod on a node; alone, it must be nobody else's. Returns whether it is the pod's. */
  hold(node: string, claim: string, podUid: string, alone: boolean): boolean {
    const key = `${node}/${claim}`;
    const holders = this.#holders.get(key) ?? new Set();
    if (alone && [...holders].some((uid) => uid !== podUid)) return false;
    this.#holders.set(key, holders.add(podUid));
    return true;
  }

  /** Lets go of everything a pod held. */
  release(podUid: string): void {
    for (const [key, holders] of this.#holders) {
      if (!holders.delete(podUid)) continue;
      if (holders.size === 0) this.#holders.delete(key);
      this.#tell(key.slice(key.indexOf('/') + 1));
    }
  }

  #tell(claim: string): void {
    for (const pod of this.#pods.by(podsByClaim, claim)) if (pod.spec.nodeName) this.#changed(pod);
  }
}
