import type { StatefulSet } from '../../../src/api/types/apps-v1.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/api/types/core-v1.gen.ts';

/** The claims of a chaos run and all volumes that were made for them. */
export interface SeenVolumes {
  readonly statefulSets: readonly StatefulSet[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
}

const nameOf = ({ metadata }: PersistentVolumeClaim | StatefulSet): string =>
  `${metadata?.namespace}/${metadata?.name}`;

/** Every claim has its volume, every volume its claim, and the sets that ask for claims have those of their pods and no others. */
export function volumeFindings(seen: SeenVolumes): string[] {
  return [...claimFindings(seen), ...ownFindings(seen), ...setFindings(seen)];
}

function claimFindings({ claims, volumes }: SeenVolumes): string[] {
  const byName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
  return claims.flatMap((claim) => {
    const name = `claim ${nameOf(claim)}`;
    if (claim.metadata.deletionTimestamp) return [`${name} is still going`];
    if (claim.status?.phase !== 'Bound') return [`${name} is ${claim.status?.phase}`];
    const volume = byName.get(claim.spec?.volumeName);
    if (!volume) return [`${name}: its volume is gone`];
    return volume.spec?.claimRef?.uid === claim.metadata.uid ? [] : [`${name}: its volume is another's`];
  });
}

function ownFindings({ claims, volumes }: SeenVolumes): string[] {
  const there = new Set(claims.map(({ metadata }) => metadata.uid));
  return volumes.flatMap(({ metadata, spec, status }) => {
    const name = `volume ${metadata.name}`;
    if (!there.has(spec?.claimRef?.uid)) return [`${name} is ${status?.phase} and its claim gone`];
    return status?.phase === 'Bound' ? [] : [`${name} is ${status?.phase}`];
  });
}

function setFindings({ statefulSets, claims }: SeenVolumes): string[] {
  return statefulSets.flatMap((set) => {
    const [template] = set.spec?.volumeClaimTemplates ?? [];
    if (!template) return [];
    const prefix = `${template.metadata.name}-${set.metadata?.name}-`;
    const own = claims
      .filter(({ metadata }) => metadata.namespace === set.metadata?.namespace && metadata.name?.startsWith(prefix))
      .map(({ metadata }) => metadata.name)
      .sort();
    const wanted = Array.from({ length: set.spec?.replicas ?? 1 }, (_, i) => `${prefix}${i}`).sort();
    return String(own) === String(wanted) ? [] : [`stateful set ${nameOf(set)}: has claims ${own}, wanted ${wanted}`];
  });
}
