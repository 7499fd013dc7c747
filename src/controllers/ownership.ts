import type { AnyKind, ObjectMeta, OwnerReference } from '../api/object.ts';
import { apiVersionOf } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { LabelSelector } from '../api/selector.ts';
import { isStatus } from '../api/status.ts';
import type { ResourceClient } from '../client/client.ts';
import { keyOf, parseKey } from '../client/object-key.ts';

/** The owner that controls an object. */
export function controllerOf(object: AnyKind): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((o) => o.controller);
}

/** The reference by which `owner` controls its children. */
export function controllerReference(owner: AnyKind, ref: ResourceRef): OwnerReference {
  const { name, uid } = owner.metadata!;
  return {
    apiVersion: apiVersionOf(ref),
    kind: ref.kind,
    name: name!,
    uid: uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Who owns, by which selector. */
export interface Claimant {
  readonly metadata: ObjectMeta;
  readonly reference: OwnerReference;
  readonly selector: LabelSelector;
  /** What the owner asks for beyond labels. */
  accepts?(object: AnyKind): boolean;
  /** Finalizers that come and go with the ownership. */
  readonly finalizers?: readonly string[];
  /** Asks the server, not the cache, whether the owner still lives with this uid: only then may it adopt. */
  mayAdopt(): Promise<boolean>;
}

/** An owner as a claimant of what its selector selects. */
export function claimantOf<T extends AnyKind & { readonly metadata: ObjectMeta }>(
  owner: T,
  owners: ResourceClient<T>,
  selector: LabelSelector,
  signal: AbortSignal,
): Claimant {
  const { metadata } = owner;
  return {
    metadata,
    reference: controllerReference(owner, owners.ref),
    selector,
    mayAdopt: async () => {
      const live = await owners.get(parseKey(keyOf(owner)), { signal });
      return live.metadata.uid === metadata.uid && !live.metadata.deletionTimestamp;
    },
  };
}

/** What the claimant's rules say about each candidate. Source: upstream's controller ref manager. */
export interface Claims<T> {
  readonly owned: T[];
  readonly adopt: T[];
  readonly release: T[];
}

/** Sorts candidates into those already owned, those to adopt and those to release. Pure. */
export function planClaims<T extends AnyKind>(candidates: readonly T[], owner: Omit<Claimant, 'mayAdopt'>): Claims<T> {
  const claims: Claims<T> = { owned: [], adopt: [], release: [] };
  const going = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = owner.selector.matches(object.metadata?.labels) && (owner.accepts?.(object) ?? true);
    if (controller) {
      if (controller.uid !== owner.reference.uid) continue;
      if (matches) claims.owned.push(object);
      else if (!going) claims.release.push(object);
    } else if (matches && !going && !object.metadata?.deletionTimestamp) {
      claims.adopt.push(object);
    }
  }
  return claims;
}

/** Adopts and releases by the claimant's rules; resolves with everything it owns afterwards. */
export async function claim<T extends AnyKind>(
  client: ResourceClient<T>,
  candidates: readonly T[],
  owner: Claimant,
  signal: AbortSignal,
): Promise<T[]> {
  const { owned, adopt, release } = planClaims(candidates, owner);
  await Promise.all(release.map((object) => letGo(client, object, owner, signal)));
  if (adopt.length === 0 || !(await owner.mayAdopt())) return owned;
  const adopted = await Promise.all(adopt.map((object) => takeOver(client, object, owner, signal)));
  return [...owned, ...adopted.filter((object) => object !== undefined)];
}

/** Both patches carry the object's uid, so that neither can hit a namesake. */
async function takeOver<T extends AnyKind>(
  client: ResourceClient<T>,
  object: T,
  { reference, finalizers }: Claimant,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await patchMeta(
      client,
      object,
      { ownerReferences: [{ ...reference }], ...(finalizers && { finalizers }) },
      signal,
    );
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function letGo<T extends AnyKind>(
  client: ResourceClient<T>,
  object: T,
  { reference, finalizers }: Claimant,
  signal: AbortSignal,
): Promise<void> {
  const ownerReferences = [{ $patch: 'delete', uid: reference.uid }];
  const without = finalizers && { '$deleteFromPrimitiveList/finalizers': finalizers };
  try {
    await patchMeta(client, object, { ownerReferences, ...without }, signal);
  } catch (error) {
    // Gone, or replaced by another with its name: there is nothing left to release.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Invalid') && !isStatus(error, 'Conflict')) throw error;
  }
}

function patchMeta<T extends AnyKind>(
  client: ResourceClient<T>,
  object: T,
  change: object,
  signal: AbortSignal,
): Promise<T> {
  const { namespace, name, uid } = object.metadata!;
  const body = { metadata: { uid, ...change } };
  return client.patch({ ...(namespace && { namespace }), name: name! }, { type: 'strategic', body }, { signal });
}
