import { isDeepStrictEqual } from 'node:util';
import { controllerRevisions as revisionsRef } from '../api/kinds.gen.ts';
import type { ObjectMeta } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import { isStatus } from '../api/status.ts';
import type { ControllerRevision } from '../api/types/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../api/types/core-v1.gen.ts';
import { byController, type Informer, orphansByNamespace } from '../client/informer.ts';
import { keyOf, keyText, parseKey } from '../client/object-key.ts';
import type { Reconciler } from '../client/reconciler.ts';
import type { ControllerContext } from './controller.ts';
import { type Claimant, claim, controllerOf, controllerReference } from './ownership.ts';
import { byRevision, excessRevisions, planRevision, revisionHash } from './revision-history.ts';

/** Whose template has revisions. */
export interface RevisionOwner {
  readonly metadata: ObjectMeta;
  readonly ref: ResourceRef;
  readonly template: PodTemplateSpec;
}

/** The revision of the current template, and all of them with it, oldest first. */
export interface ResolvedRevisions {
  readonly update: ControllerRevision;
  readonly all: readonly ControllerRevision[];
  readonly collisions: number;
}

/** Keeps the ControllerRevisions of StatefulSets and DaemonSets. */
export class RevisionKeeper {
  readonly revisions: Informer<ControllerRevision>;
  readonly #context: ControllerContext;
  readonly #hashLabel: string;

  /** `hashLabel`: by which label a revision tells its hash. */
  constructor(context: ControllerContext, hashLabel: string) {
    this.#context = context;
    this.#hashLabel = hashLabel;
    this.revisions = context.informers.of(revisionsRef).index(byController).index(orphansByNamespace);
  }

  /** Adds the key of an owner, of the kind given, that has lost a revision: the newest is made again. */
  feed(reconciler: Reconciler, kind: string): void {
    this.revisions.on({
      deleted: ({ metadata }) => {
        const owner = metadata.ownerReferences?.find((o) => o.controller && o.kind === kind);
        if (owner) reconciler.add(keyText({ namespace: metadata.namespace!, name: owner.name }));
      },
    });
  }

  /** Claims the owner's revisions and makes sure that the newest is its template. */
  async resolve(
    owner: RevisionOwner,
    claimant: Claimant,
    collisions: number,
    signal: AbortSignal,
  ): Promise<ResolvedRevisions> {
    const known = (await this.#claim(claimant, signal)).toSorted(byRevision);
    const plan = planRevision(known, owner.template);
    if ('use' in plan) return { update: plan.use, all: known, collisions };
    if ('renumber' in plan) {
      const client = this.#context.client.resource(revisionsRef);
      const update = await client.update({ ...plan.renumber, revision: plan.to }, { signal });
      return { update, all: [...known.filter((r) => r !== plan.renumber), update], collisions };
    }
    const { data, revision } = plan.create;
    const created = await this.#create(owner, data, revision, collisions, signal);
    return { ...created, all: [...known, created.update] };
  }

  /** What an owner of this name left behind is adopted: its pods are not of another revision for that. */
  #claim(claimant: Claimant, signal: AbortSignal): Promise<ControllerRevision[]> {
    const { namespace, uid } = claimant.metadata;
    const own = this.revisions.by(byController, uid!);
    const candidates = [...own, ...this.revisions.by(orphansByNamespace, namespace!)];
    return claim(this.#context.client.resource(revisionsRef), candidates, claimant, signal);
  }

  /** A name that is taken by other data counts as a collision and changes the hash. */
  async #create(
    { metadata: { name, namespace, uid, annotations }, ref, template }: RevisionOwner,
    data: Record<string, unknown>,
    revision: number,
    collisions: number,
    signal: AbortSignal,
  ): Promise<{ update: ControllerRevision; collisions: number }> {
    const client = this.#context.client.resource(revisionsRef);
    const owner = { metadata: { name: name!, uid: uid! } };
    for (let count = collisions; ; count++) {
      const hash = revisionHash(data, count);
      const metadata = {
        name: `${name}-${hash}`,
        namespace: namespace!,
        labels: { ...template.metadata?.labels, [this.#hashLabel]: hash },
        ...(annotations && { annotations }),
        ownerReferences: [controllerReference(owner, ref)],
      };
      try {
        return { update: await client.create({ metadata, data, revision }, { signal }), collisions: count };
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error;
        const there = await client.get({ namespace: namespace!, name: metadata.name }, { signal });
        const ours = controllerOf(there)?.uid === uid && isDeepStrictEqual(there.data, data);
        if (ours) return { update: there, collisions: count };
      }
    }
  }

  /** Deletes the oldest revisions beyond the limit; those that pods still have stay. */
  async forget(
    sorted: readonly ControllerRevision[],
    live: ReadonlySet<string>,
    limit: number,
    signal: AbortSignal,
  ): Promise<void> {
    for (const revision of excessRevisions(sorted, live, limit)) {
      try {
        await this.#context.client.resource(revisionsRef).delete(parseKey(keyOf(revision)), { signal });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
  }
}
