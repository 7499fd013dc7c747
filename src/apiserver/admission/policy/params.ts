import { type KubeObject, parseApiVersion } from '../../../api/object.ts';
import { labelSelectorOf, SelectorError } from '../../../api/selector.ts';
import type { ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { Entry, Store } from '../../../store/store.ts';
import type { Served, ServedTable } from '../../registry/served.ts';
import { inVersion, whenEntriesReady } from '../../registry/versions.ts';

/** Parameters that cannot be had; the text is upstream's. */
export class ParamsError extends Error {}

/** Where parameters are found. */
export interface ParamWorld {
  readonly store: Store;
  readonly served: ServedTable;
}

/**
 * The resource that has a policy's parameters; undefined for a policy without. Throws `ParamsError` where there is none:
 * the definition of a custom resource may come and go. Source of the text: `policy_source.go`.
 */
export function paramResource(paramKind: ParamKind | undefined, { served }: ParamWorld): Served | undefined {
  if (!paramKind) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  const found = served.findKind(apiVersion, kind);
  if (found) return found;
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: apiVersion };
  throw new ParamsError(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`);
}

/**
 * The parameters by which a binding applies a policy to a write in a namespace ("" for none): one undefined where it applies
 * without, none at all where it is not to apply. Throws `ParamsError`. Source: `policy_dispatcher.go`, CollectParams.
 */
export function collectParams(
  resource: Served | undefined,
  ref: ParamRef | undefined,
  namespace: string,
  world: ParamWorld,
): readonly (KubeObject | undefined)[] | Promise<readonly KubeObject[]> {
  if (!resource || !ref) return [undefined];
  const where = namespaceOfParams(resource, ref, namespace);
  const entries = ref.name ? named(resource, where, ref.name, world) : selected(resource, where, ref, world);
  if (entries.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ParamsError('no params found for policy binding with `Deny` parameterNotFoundAction');
  return whenEntriesReady(resource, entries, () => entries.map((entry) => inVersion(resource, entry.object)));
}

function namespaceOfParams({ namespaced }: Served, ref: ParamRef, namespace: string): string {
  if (!namespaced) {
    if (!ref.namespace) return '';
    throw new ParamsError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const where = ref.namespace || namespace;
  if (where) return where;
  throw new ParamsError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

function named({ storage }: Served, namespace: string, name: string, { store }: ParamWorld): readonly Entry[] {
  const entry = store.get({ resource: storage, namespace, name });
  return entry ? [entry] : [];
}

/** Neither name nor selector is refused when the binding is written. */
function selected(resource: Served, namespace: string, ref: ParamRef, { store }: ParamWorld): readonly Entry[] {
  const selector = selectorOf(ref);
  const keep = ({ object }: Entry) => selector.matches(object.metadata.labels);
  return store.list(resource.storage, { ...(resource.namespaced && { namespace }), keep }).entries;
}

function selectorOf({ selector }: ParamRef) {
  try {
    return labelSelectorOf(selector ?? {});
  } catch (error) {
    if (error instanceof SelectorError) throw new ParamsError(error.message);
    throw error;
  }
}
