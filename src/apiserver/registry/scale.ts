import { decodeTree } from '../../api/decode.ts';
import { typeFacts } from '../../api/facts.ts';
import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { type Applied, applyConfiguration } from '../../api/managed-fields/apply.ts';
import { sortedEntries, storedEntries } from '../../api/managed-fields/entries.ts';
import { parentEntries, type ReplicasPath, scaleEntries } from '../../api/managed-fields/scale-entries.ts';
import { updateManagedFields, type WriteOrigin } from '../../api/managed-fields/update.ts';
import { type KubeObject, type ManagedFieldsEntry, type Mutable, thaw } from '../../api/object.ts';
import { type LabelSelectorLike, labelSelectorOf, labelsAsSelector } from '../../api/selector.ts';
import { badRequest, conflict, internalError, invalid, methodNotAllowed, notFound } from '../../api/status.ts';
import type { ScalePaths } from '../../resources/resource.ts';
import type { Entry } from '../../store/store.ts';
import { admissionRequest } from './admit.ts';
import { configOf } from './apply.ts';
import { decodeTarget } from './decode-target.ts';
import { fieldOrigin } from './manage.ts';
import { checkName, settleNamespace } from './metadata.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { servedIn } from './other-versions.ts';
import { patched } from './patch.ts';
import { scaleAsAsked } from './scale-versions.ts';
import { onNewestHead, refuseStale, replace, revisionAsked } from './update.ts';
import { whenEntriesReady, working } from './versions.ts';

/** autoscaling/v1 Scale, the view of a workload's replica count. */
interface Scale {
  readonly spec?: { readonly replicas?: number };
}

const scaleVersion = 'autoscaling/v1';

function pathsOf(op: Operation): ScalePaths {
  const paths = op.served.rules.scale;
  if (!paths) throw methodNotAllowed(named(op), op.subresource);
  return paths;
}

/** GET of …/scale. */
export function getScale(registry: Registry, op: Operation): Result | Promise<Result> {
  const entry = registry.store.get(keyOf(op));
  if (!entry) throw notFound(named(op), op.name);
  return whenEntriesReady(op.served, [entry], () => {
    const paths = pathsOf(op);
    const object = working(op.served, entry.object);
    if (lacksReplicas(paths, object))
      throw internalError(`the spec replicas field ${JSON.stringify(paths.written)} does not exist`);
    return { as: 'object', code: 200, object: scaleAsAsked(op, scaleOf(paths, object)) };
  });
}

/** Whether a custom resource leaves open how many replicas it wants. */
const lacksReplicas = (paths: ScalePaths, object: KubeObject): boolean =>
  paths.written !== undefined && at(object, paths.replicas) === undefined;

/** PUT of …/scale. */
export async function updateScale(registry: Registry, op: Operation): Promise<Result> {
  const wanted = op.object;
  if (!wanted) throw badRequest('the request body is empty');
  return await onNewestHead(registry, op, (head) => writeScale(registry, op, head, () => thaw(wanted)));
}

/** PATCH of …/scale. */
export async function patchScale(registry: Registry, op: Operation): Promise<Result> {
  const { patch } = op;
  if (!patch) throw badRequest('the patch is empty');
  const target = decodeTarget(op.served, op.subresource);
  if (patch.type !== 'apply')
    return await onNewestHead(registry, op, (head) =>
      writeScale(registry, op, head, (before) => patched(op, before, patch, target)),
    );
  const config = configOf(op);
  return await onNewestHead(registry, op, (head) =>
    writeScale(registry, op, head, (before) => {
      const origin = { ...scaleOrigin(registry, op), kind: 'Scale', force: op.options.force ?? false };
      // A Scale has one version, so nothing is converted and nothing waited for.
      const { object, managedFields } = applyConfiguration(before, config, origin) as Applied;
      const scale = decodeTree(thaw(object), target, 'Ignore').object;
      scale.metadata.managedFields = managedFields as never;
      return scale;
    }),
  );
}

/** The Scale as field management sees it: an object of its own, whose entries are the parent's in other words. */
const scaleOrigin = (registry: Registry, op: Operation): WriteOrigin => ({
  ...fieldOrigin(registry, op),
  type: typeFacts('autoscaling/v1.Scale'),
  apiVersion: scaleVersion,
  reset: () => undefined,
  convert: () => undefined,
});

type Change = (before: KubeObject) => Mutable<KubeObject>;

/** Stores what a changed Scale says about the replicas, and who manages them now. */
async function writeScale(registry: Registry, op: Operation, head: Entry, change: Change): Promise<Result> {
  return await whenEntriesReady(op.served, [head], async () => {
    const paths = pathsOf(op);
    const live = working(op.served, head.object);
    const replicasPath: ReplicasPath = (apiVersion) => pathsIn(registry, op, apiVersion)?.replicas;
    const entries = storedEntries(live.metadata.managedFields);
    const open = lacksReplicas(paths, live);
    const scale = scaleOf(paths, live);
    const before = withEntries(open ? { ...scale, spec: {} } : scale, scaleEntries(entries, replicasPath));
    const wanted = current(change(scaleAsAsked(op, before)), before);
    settleNamespace(op, wanted);
    checkName(op, wanted);
    if (open && op.patch && wanted.spec?.replicas === undefined)
      throw badRequest(`the spec replicas field ${JSON.stringify(paths.written)} cannot be empty`);
    if (op.patch?.type !== 'apply') void updateManagedFields(wanted, before, scaleOrigin(registry, op));
    const admitted = admissionRequest(op, 'UPDATE', wanted, before);
    const mutating = registry.admission.mutate(admitted);
    if (mutating instanceof Promise) await mutating;
    const { resourceVersion, uid } = wanted.metadata;
    if (resourceVersion) refuseStale(op, head, revisionAsked(op, wanted));
    if (uid && uid !== live.metadata.uid) throw foreignUid(op, uid, live.metadata.uid);
    const replicas = wanted.spec?.replicas ?? 0;
    // A custom resource is checked as a whole, in the words of its definition.
    if (paths.written === undefined) refuseReplicas(op, replicas);
    const managed = wanted.metadata.managedFields as readonly ManagedFieldsEntry[] | undefined;
    const managedFields = sortedEntries(parentEntries(entries, managed ?? [], op.served.apiVersion, replicasPath));
    const next = thaw(live);
    setAt(next, paths.replicas, replicas);
    const result = await replace(registry, { ...op, subresource: '', managedFields, admitted }, head, next);
    if (result.as === 'object')
      return { as: 'object', code: 200, object: scaleAsAsked(op, scaleOf(paths, result.object)) };
    const { entry } = result;
    return await whenEntriesReady(op.served, [entry], () => ({
      as: 'object' as const,
      code: 200,
      object: scaleAsAsked(op, scaleOf(paths, working(op.served, entry.object))),
    }));
  });
}

/** A wanted Scale in the current version. Nobody changes its status. */
const current = (wanted: Mutable<KubeObject>, { apiVersion, status }: KubeObject): Mutable<KubeObject> & Scale =>
  wanted.apiVersion === apiVersion ? wanted : { ...wanted, apiVersion, status };

/** Where the replicas stand in another version of the resource. */
const pathsIn = (registry: Registry, op: Operation, apiVersion: string): ScalePaths | undefined =>
  servedIn(registry, op.served, apiVersion)?.rules.scale;

const withEntries = (scale: KubeObject, managedFields: readonly ManagedFieldsEntry[]): KubeObject =>
  managedFields.length ? { ...scale, metadata: { ...scale.metadata, managedFields } } : scale;

const foreignUid = (op: Operation, asked: string, uid: string | undefined) =>
  conflict(
    { group: op.served.group, resource: `${op.served.resource}/scale` },
    op.name,
    `Precondition failed: UID in precondition: ${asked}, UID in object meta: ${uid}`,
  );

function refuseReplicas(op: Operation, replicas: number): void {
  if (Number.isInteger(replicas) && replicas >= 0) return;
  const errors = new ErrorList();
  errors.invalid(FieldPath.of('spec', 'replicas'), replicas, 'must be greater than or equal to 0');
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, op.name, errors.errors);
}

/** The Scale of a workload. */
export function scaleOf(paths: ScalePaths, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.selector.length > 0 ? selectorText(at(object, paths.selector)) : '';
  return {
    apiVersion: scaleVersion,
    kind: 'Scale',
    metadata: {
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: { replicas: at(object, paths.replicas) ?? 0 },
    status: { replicas: at(object, paths.statusReplicas) ?? 0, ...(selector && { selector }) },
  };
}

function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  if ('matchLabels' in selector || 'matchExpressions' in selector)
    return labelSelectorOf(selector as LabelSelectorLike).toString();
  return labelsAsSelector(selector as Record<string, string>).toString();
}

function at(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = object;
  for (const name of path.slice(0, -1)) {
    const next = (target[name] ??= {});
    if (typeof next !== 'object' || Array.isArray(next))
      throw badRequest(`value cannot be set because .${path.join('.')} is not a map[string]interface{}`);
    target = next as Record<string, unknown>;
  }
  target[path.at(-1)!] = value;
}
