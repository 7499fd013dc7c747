import { pods as podsRef } from '../../api/kinds.gen.ts';
import type { Pod, PodResourceClaim } from '../../api/types/core-v1.gen.ts';
import type {
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimTemplate,
} from '../../api/types/resource-v1.gen.ts';
import {
  canBeReserved,
  claimFinalizer,
  claimNameOf,
  isClaimOf,
  isReservedFor,
} from '../../resources/resource/pod-claims.ts';
import { controllerReference } from '../ownership.ts';
import { isTerminal } from '../pod-state.ts';

/** Which entry of its pod a claim was made for. */
const entryAnnotation = 'resource.kubernetes.io/pod-claim-name';

/** Whether no container of the pod runs or ever will. Source: isPodDone. */
export const isDone = (pod: Pod): boolean =>
  isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName);

/** What is known of the claims of a pod's namespace. */
export interface ClaimBook {
  claim(name: string): ResourceClaim | undefined;
  /** Claims whose controller the pod is. */
  readonly owned: readonly ResourceClaim[];
}

/** The entries of a pod that a claim is to be made for, and the names of claims that were made but not noted in the pod. */
export interface EntryPlan {
  readonly make: readonly PodResourceClaim[];
  readonly found: Readonly<Record<string, string>>;
}

/** Source: resourceclaim controller.go, handleClaim. */
export function planEntries(pod: Pod, book: ClaimBook): EntryPlan {
  const make: PodResourceClaim[] = [];
  const found: Record<string, string> = {};
  for (const entry of pod.spec?.resourceClaims ?? []) {
    if (entry.resourceClaimTemplateName === undefined) continue;
    const known = claimNameOf(pod, entry);
    if (known === 'none') continue;
    const claim = known && book.claim(known.name);
    if (claim && isClaimOf(claim, pod)) continue;
    const orphan = book.owned.find((owned) => isFor(owned, pod, entry));
    if (orphan) found[entry.name] = orphan.metadata!.name!;
    else make.push(entry);
  }
  return { make, found };
}

/** Claims of Kubernetes v1.27 and before have no annotation, but a name that says it. */
function isFor({ metadata }: ResourceClaim, pod: Pod, entry: PodResourceClaim): boolean {
  const noted = metadata?.annotations?.[entryAnnotation];
  return noted === undefined ? metadata?.name === `${pod.metadata.name}-${entry.name}` : noted === entry.name;
}

/** Room for a hyphen and five random characters in a name of 63. */
const longestBase = 57;

/** A claim for an entry of a pod, by its template. */
export function claimFor(pod: Pod, entry: PodResourceClaim, template: ResourceClaimTemplate): ResourceClaim {
  const { metadata, spec } = template.spec;
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      generateName: baseName(pod.metadata.name!, entry.name),
      namespace: pod.metadata.namespace!,
      ownerReferences: [controllerReference(pod, podsRef)],
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [entryAnnotation]: entry.name },
    },
    spec,
  };
}

/** Both names are cut in proportion, so that something is left of each. */
function baseName(pod: string, entry: string): string {
  const whole = `${pod}-${entry}-`;
  if (whole.length <= longestBase) return whole;
  const cut = (text: string) => text.slice(0, Math.floor((text.length * longestBase) / whole.length));
  return `${cut(pod)}-${cut(entry)}`;
}

/** The allocated claims of a pod that was put on a node without being entered in them. */
export function claimsToReserve(pod: Pod, book: ClaimBook): ResourceClaim[] {
  if (!pod.spec?.nodeName) return [];
  return (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const known = claimNameOf(pod, entry);
    const claim = typeof known === 'object' ? book.claim(known.name) : undefined;
    if (!claim?.status?.allocation || isReservedFor(claim, pod)) return [];
    if (typeof known === 'object' && known.generated && !isClaimOf(claim, pod)) return [];
    return canBeReserved(claim) ? [claim] : [];
  });
}

/** What is to be done with a claim, given those of its users that still need it. */
export interface ClaimPlan {
  /** The users to keep; undefined when all are. */
  readonly reservedFor?: readonly ResourceClaimConsumerReference[];
  /** Whether its devices go back. */
  readonly deallocate: boolean;
  /** Whether it may be deleted from now on. */
  readonly release: boolean;
}

/**
 * Users that are gone are taken out. The last one to leave gives the devices back, so that the next may get others.
 * Source: resourceclaim controller.go, syncClaim.
 */
export function planClaim(claim: ResourceClaim, valid: readonly ResourceClaimConsumerReference[]): ClaimPlan {
  const now = claim.status?.reservedFor ?? [];
  const left = valid.length < now.length;
  const isProtected = claim.metadata?.finalizers?.includes(claimFinalizer) ?? false;
  const unused = valid.length === 0 && (left || claim.metadata?.deletionTimestamp !== undefined);
  const deallocate = unused && (left || isProtected) && claim.status?.allocation !== undefined;
  return { ...(left && { reservedFor: valid }), deallocate, release: unused && isProtected };
}
