import type { KubeObject, Mutable } from '../../api/object.ts';
import { type LabelSelectorLike, labelSelectorOf, labelsAsSelector } from '../../api/selector.ts';
import { badRequest, invalid, methodNotAllowed, notFound } from '../../api/status.ts';
import type { ScalePaths } from '../../resources/resource.ts';
import type { Entry } from '../../store/store.ts';
import { decodeTarget } from './decode-target.ts';
import { own } from './equality.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { patched } from './patch.ts';
import { onNewestHead, refuseStale, replace } from './update.ts';

/** autoscaling/v1 Scale, the view of a workload's replica count. */
interface Scale {
  readonly spec?: { readonly replicas?: number };
  readonly metadata?: { readonly resourceVersion?: string; readonly name?: string; readonly uid?: string };
}

function pathsOf(op: Operation): ScalePaths {
  const paths = op.served.rules.scale;
  if (!paths) throw methodNotAllowed(named(op), op.subresource);
  return paths;
}

/** GET of …/scale. */
export function getScale(registry: Registry, op: Operation): Result {
  const entry = registry.store.get(keyOf(op));
  if (!entry) throw notFound(named(op), op.name);
  return { as: 'object', code: 200, object: scaleOf(pathsOf(op), entry.object) };
}

/** PUT of …/scale. */
export async function updateScale(registry: Registry, op: Operation): Promise<Result> {
  const wanted = op.object as (Scale & KubeObject) | undefined;
  if (!wanted) throw badRequest('the request body is empty');
  return await onNewestHead(registry, op, (head) => writeScale(registry, op, head, wanted));
}

/** PATCH of …/scale. */
export async function patchScale(registry: Registry, op: Operation): Promise<Result> {
  const { patch } = op;
  if (!patch) throw badRequest('the patch is empty');
  return await onNewestHead(registry, op, (head) => {
    const before = scaleOf(pathsOf(op), head.object);
    const next = patched(op, before, patch, decodeTarget(op.served, op.subresource));
    return writeScale(registry, op, head, next as Scale);
  });
}

async function writeScale(registry: Registry, op: Operation, head: Entry, wanted: Scale): Promise<Result> {
  const paths = pathsOf(op);
  if (wanted.metadata?.resourceVersion) refuseStale(op, head, wanted.metadata.resourceVersion);
  const replicas = wanted.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    const body = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, op.name, [
      { type: 'FieldValueInvalid', field: 'spec.replicas', body, text: `spec.replicas: ${body}` },
    ]);
  }
  const next = own(head.object) as Mutable<KubeObject>;
  setAt(next, paths.replicas, replicas);
  const result = await replace(registry, { ...op, subresource: '' }, head, next);
  const stored = result.as === 'entry' ? result.entry.object : result.object;
  return { as: 'object', code: 200, object: scaleOf(paths, stored) };
}

/** The Scale of a workload. */
export function scaleOf(paths: ScalePaths, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(at(object, paths.selector));
  return {
    apiVersion: 'autoscaling/v1',
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
  for (const name of path.slice(0, -1)) target = (target[name] ??= {}) as Record<string, unknown>;
  target[path.at(-1)!] = value;
}
