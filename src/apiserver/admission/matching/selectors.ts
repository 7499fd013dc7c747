import type { KubeObject } from '../../../api/object.ts';
import { type LabelSelector, type LabelSelectorLike, labelSelectorOf, SelectorError } from '../../../api/selector.ts';
import { internalError, notFound, type StatusError } from '../../../api/status.ts';
import type { Store } from '../../../store/store.ts';
import type { AdmissionRequest } from '../admission.ts';
import { isNamespace, namespaceOf } from './target.ts';

/** Which objects and namespaces webhooks and policies are about. Source: `admission/plugin/webhook/predicates`. */

/** A selector, or why it cannot be understood: those stored before it was checked may be wrong. */
export type ParsedSelector = LabelSelector | StatusError;

/** Parses once what is asked of every write. A selector that is not there selects everything. */
export function parseSelector(selector: LabelSelectorLike | undefined): ParsedSelector {
  try {
    return labelSelectorOf(selector ?? {});
  } catch (error) {
    if (error instanceof SelectorError) return internalError(error.message);
    throw error;
  }
}

const isError = (selector: ParsedSelector): selector is StatusError => selector instanceof Error;

/** Whether the namespace of a write is selected. What is in none is never left out. An error where that cannot be told. */
export function selectsNamespace(
  selector: ParsedSelector,
  request: AdmissionRequest,
  store: Store,
): boolean | StatusError {
  const name = namespaceOf(request);
  if (name === '' && !isNamespace(request)) return true;
  if (isError(selector)) return selector;
  if (selector.empty) return true;
  if (isNamespace(request) && request.subresource === '' && request.object)
    return selector.matches(request.object.metadata.labels);
  const namespace = namespaceNamed(store, name);
  if (!namespace) return notFound({ group: '', resource: 'namespaces' }, name);
  return selector.matches(namespace.metadata.labels);
}

/** A namespace as it is stored. */
export const namespaceNamed = (store: Store, name: string): KubeObject | undefined =>
  store.head({ resource: 'namespaces', namespace: '', name })?.object;

const selectsLabels = (selector: LabelSelector, object: KubeObject | undefined): boolean =>
  object?.metadata !== undefined && selector.matches(object.metadata.labels);

/** Whether the new or the old object is selected. An error where that cannot be told. */
export function selectsObject(selector: ParsedSelector, { object, old }: AdmissionRequest): boolean | StatusError {
  if (isError(selector)) return selector;
  return selector.empty || selectsLabels(selector, object as KubeObject) || selectsLabels(selector, old);
}
