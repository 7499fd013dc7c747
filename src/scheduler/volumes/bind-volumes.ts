import { persistentVolumeClaims, persistentVolumes } from '../../api/kinds.gen.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, revisionOf } from '../../client/object-key.ts';
import { boundByController, selectedNode } from '../../resources/storage/volume-annotations.ts';
import { isBoundTo, reaches } from '../../resources/storage/volume-match.ts';
import { onChange, settled } from '../binding/settled.ts';
import { fullyBound } from './claims.ts';
import type { PodVolumes } from './find-volumes.ts';

/** What was decided about a pod's volumes, as the objects will be. */
export interface Decisions {
  readonly node: string;
  /** Volumes with their claimRef. */
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  /** Claims with the annotation that starts their provisioner. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** The volume, bound to the claim; itself if it is already (GetBindVolumeToClaim). */
function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
  if (volume.spec?.claimRef?.uid === uid && isBoundTo(volume, claim)) return volume;
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
  const annotations = isBoundTo(volume, claim)
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [boundByController]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(annotations && { annotations }) },
    spec: { ...volume.spec, claimRef },
  };
}

/** The objects as they will be when the pod has its volumes on the node (AssumePodVolumes). */
export function decide({ bindings, provisions }: PodVolumes, node: string): Decisions {
  return {
    node,
    bindings: bindings.map(({ claim, volume }) => ({ claim, volume: boundVolume(volume, claim) })),
    provisions: provisions.map(({ claim }) => {
      const annotations = { ...claim.metadata.annotations, [selectedNode]: node };
      return { ...claim, metadata: { ...claim.metadata, annotations } };
    }),
  };
}

export interface BindingTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodes: Informer<Node>;
  readonly volumes: Informer<PersistentVolume>;
  readonly claims: Informer<PersistentVolumeClaim>;
}

/**
 * Writes the decisions and waits until binder and provisioners have done their part. `timeout` in milliseconds. Throws
 * what upstream's BindPodVolumes says: the pod then looks for a node anew.
 */
export async function bindVolumes(
  tools: BindingTools,
  decisions: Decisions,
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const written = await write(tools, decisions, signal);
  try {
    await settled({
      clock: tools.clock,
      check: () => allBound(tools, decisions, written),
      watch: (look) => [
        tools.volumes.on(onChange(look)),
        tools.claims.on(onChange(look)),
        tools.nodes.on({ deleted: look }),
      ],
      timeout,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`binding volumes: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Makes the writes; the revisions they made, by key. Objects that are as decided already are left alone. */
async function write(
  { client, volumes, claims }: BindingTools,
  { bindings, provisions, node }: Decisions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const written = new Map<string, number>();
  for (const { volume } of bindings) {
    const { name = '', resourceVersion, annotations = {} } = volume.metadata;
    if (volumes.get(name)?.spec?.claimRef?.uid === volume.spec?.claimRef?.uid) continue;
    const body = { metadata: { resourceVersion, annotations }, spec: { claimRef: volume.spec?.claimRef } };
    const now = await client.resource(persistentVolumes).mergePatch({ name }, body, { signal });
    written.set(name, revisionOf(now));
  }
  for (const claim of provisions) {
    const { namespace = '', name = '', resourceVersion } = claim.metadata;
    const key = keyOf(claim);
    if (claims.get(key)?.metadata.annotations?.[selectedNode] === node) continue;
    const body = { metadata: { resourceVersion, annotations: { [selectedNode]: node } } };
    const now = await client.resource(persistentVolumeClaims).mergePatch({ namespace, name }, body, { signal });
    written.set(key, revisionOf(now));
  }
  return written;
}

/** Whether everything is bound. Throws when it will not be (checkBindings). */
function allBound(tools: BindingTools, decisions: Decisions, written: ReadonlyMap<string, number>): boolean {
  const node = tools.nodes.get(decisions.node);
  if (!node) throw new Error(`failed to get node "${decisions.node}": node "${decisions.node}" not found`);
  const labels = node.metadata.labels ?? {};
  const check = (volume: PersistentVolume) => {
    if (reaches(volume, labels)) return;
    throw new Error(
      `pv "${volume.metadata.name}" node affinity doesn't match node "${decisions.node}": no matching NodeSelectorTerms`,
    );
  };
  const shown = (object: PersistentVolume | PersistentVolumeClaim) =>
    revisionOf(object) >= (written.get(keyOf(object)) ?? 0);
  let all = true;
  for (const { claim, volume: decided } of decisions.bindings) {
    const name = decided.metadata.name ?? '';
    const volume = tools.volumes.get(name);
    if (!volume) throw new Error(`failed to check binding: could not find v1.PersistentVolume "${name}"`);
    const current = currentClaim(tools, claim, 'failed to check binding');
    if (!shown(volume)) all = false;
    else {
      check(volume);
      if (!volume.spec?.claimRef?.uid) throw new Error(`ClaimRef got reset for pv "${name}"`);
      all &&= fullyBound(current);
    }
  }
  for (const decided of decisions.provisions) {
    const claim = currentClaim(tools, decided, 'failed to check provisioning pvc');
    if (!shown(claim)) {
      all = false;
      continue;
    }
    if (claim.metadata.annotations?.[selectedNode] !== decisions.node) {
      throw new Error(`provisioning failed for PVC "${claim.metadata.name}"`);
    }
    const volume = claim.spec?.volumeName ? tools.volumes.get(claim.spec.volumeName) : undefined;
    if (volume) check(volume);
    all &&= fullyBound(claim) && volume !== undefined;
  }
  return all;
}

function currentClaim({ claims }: BindingTools, claim: PersistentVolumeClaim, doing: string): PersistentVolumeClaim {
  const key = keyOf(claim);
  const current = claims.get(key);
  if (!current) throw new Error(`${doing}: could not find v1.PersistentVolumeClaim "${key}"`);
  return current;
}
