import { decodeTree } from '../../api/decode.ts';
import { type Applied, applyConfiguration } from '../../api/managed-fields/apply.ts';
import { type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import { type ApplyConfig, strictConfigError } from '../../api/patch/apply-config.ts';
import { badRequest, conflict, isStatus, notFound } from '../../api/status.ts';
import type { Entry } from '../../store/store.ts';
import { refuseCreate } from './authorize-create.ts';
import { create } from './create.ts';
import { decodeTarget } from './decode-target.ts';
import { fieldOrigin } from './manage.ts';
import { checkName, settleNamespace } from './metadata.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { onNewestHead, refuseStale, replace, revisionAsked } from './update.ts';
import { inVersion, toWorking, whenEntriesReady } from './versions.ts';

type Tree = Record<string, unknown>;

/** PATCH with a server-side apply configuration, of a resource or of a subresource that holds the whole object. */
export async function apply(registry: Registry, op: Operation): Promise<Result> {
  const config = configOf(op);
  if (registry.store.head(keyOf(op))) return await applyToHead(registry, op, config);
  if (op.subresource !== '') throw notFound(named(op), op.name);
  try {
    return await applyAnew(registry, op, config);
  } catch (error) {
    // Somebody else was first: what is there now is applied to.
    if (!isStatus(error, 'AlreadyExists') || !registry.store.head(keyOf(op))) throw error;
    return await applyToHead(registry, op, config);
  }
}

/** The configuration; keys that were set twice are warnings or, if asked, a refusal. */
export function configOf(op: Operation): Tree {
  const { body, findings = [] } = op.patch as Partial<ApplyConfig> & { body: unknown };
  if (op.options.fieldValidation === 'Strict' && findings.length) throw strictConfigError(findings);
  if (op.options.fieldValidation !== 'Ignore') for (const text of findings) op.warn(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('the configuration to apply must be an object');
  return body as Tree;
}

/** Merges a configuration into an object of the request's version, or into nothing. */
export const merged = (
  registry: Registry,
  op: Operation,
  live: KubeObject | undefined,
  config: Tree,
): Applied | Promise<Applied> =>
  applyConfiguration(live, config, {
    ...fieldOrigin(registry, op),
    kind: op.served.kind,
    force: op.options.force ?? false,
  });

/**
 * A merged object in canonical form, checked against the request's path. It shares nothing with the configuration, which may
 * have to be applied again.
 */
function settled(op: Operation, object: KubeObject): Mutable<KubeObject> {
  const { object: next } = decodeTree(thaw(object), decodeTarget(op.served, op.subresource), 'Ignore');
  next.metadata ??= {};
  settleNamespace(op, next);
  checkName(op, next);
  return next;
}

const applyToHead = (registry: Registry, op: Operation, config: Tree): Promise<Result> =>
  onNewestHead(
    registry,
    op,
    async (head) => await whenEntriesReady(op.served, [head], () => applyTo(registry, op, head, config)),
  );

async function applyTo(registry: Registry, op: Operation, head: Entry, config: Tree): Promise<Result> {
  const merging = merged(registry, op, inVersion(op.served, head.object), config);
  // Without a pause nobody comes between reading the head and writing.
  const { object, managedFields } = merging instanceof Promise ? await merging : merging;
  const next = settled(op, object);
  refuseStale(op, head, revisionAsked(op, next));
  toWorking(op.served, next);
  return await replace(registry, { ...op, managedFields }, head, next);
}

async function applyAnew(registry: Registry, op: Operation, config: Tree): Promise<Result> {
  const { object, managedFields } = await merged(registry, op, undefined, config);
  const next = settled(op, object);
  const { uid } = next.metadata;
  if (uid)
    throw conflict(
      named(op),
      op.name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  refuseCreate(registry, op);
  return await create(registry, { ...op, object: next, managedFields });
}
