import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../api/names.ts';
import type { KubeObject } from '../../api/object.ts';
import { invalid } from '../../api/status.ts';
import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../api/types/authorization-v1.gen.ts';

/** What may be asked in an access review. Source: authorization validation. */

export interface Asked {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

const path = FieldPath.of('spec');

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** Unknown operators pass: a newer client may know more of them. Only labels have rules for keys and values. */
function requirement(errors: ErrorList, at: FieldPath, value: Requirement, ofLabels: boolean): void {
  const { key = '', operator = '', values = [] } = value;
  if (!ofLabels && !key) errors.required(at.child('key'), 'must be specified');
  if (operator === 'In' || operator === 'NotIn') {
    const text = "must be specified when `operator` is 'In' or 'NotIn'";
    if (values.length === 0) errors.required(at.child('values'), text);
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.forbidden(at.child('values'), text);
  }
  if (!ofLabels) return;
  for (const text of qualifiedNameErrors(key)) errors.invalid(at.child('key'), key, text);
  for (const [i, label] of values.entries()) {
    for (const text of labelValueErrors(label)) errors.invalid(at.child('values').index(i), label, text);
  }
}

function selectors(errors: ErrorList, attributes: ResourceAttributes | undefined): void {
  for (const field of ['fieldSelector', 'labelSelector'] as const) {
    const selector = attributes?.[field];
    if (!selector) continue;
    const at = path.child('resourceAttributes', field);
    const { rawSelector, requirements = [] } = selector;
    if (rawSelector && requirements.length > 0) {
      errors.invalid(at.child('rawSelector'), rawSelector, 'may not specified at the same time as requirements');
    }
    if (!rawSelector && requirements.length === 0) {
      const text = `when ${at} is specified, requirements or rawSelector is required`;
      errors.required(at.child('requirements'), text);
    }
    for (const [i, value] of requirements.entries()) {
      requirement(errors, at.child('requirements').index(i), value, field === 'labelSelector');
    }
  }
}

function attributes(errors: ErrorList, { resourceAttributes: resource, nonResourceAttributes: other }: Asked): void {
  if (resource && other) {
    const text = 'cannot be specified in combination with resourceAttributes';
    errors.invalid(path.child('nonResourceAttributes'), other, text);
  }
  if (!resource && !other) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.invalid(path.child('resourceAttributes'), null, text);
  }
}

/** A review is no object: it has no name and no labels. */
function metadata(errors: ErrorList, object: KubeObject, allowed: readonly string[], text: string): void {
  const given = Object.entries(object.metadata ?? {}).filter(([key, value]) => {
    const isEmpty = value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
    return !isEmpty && key !== 'managedFields' && !allowed.includes(key);
  });
  if (given.length > 0) errors.invalid(FieldPath.of('metadata'), object.metadata, text);
}

interface Kind {
  readonly group: string;
  readonly kind: string;
}

/** Who: a user or a group at least. */
function subject(errors: ErrorList, { user = '', groups = [] }: SubjectAccessReviewSpec): void {
  if (user || groups.length > 0) return;
  errors.invalid(path.child('user'), user, 'at least one of user or group must be specified');
}

function refuse(kind: Kind, errors: ErrorList): void {
  if (!errors.empty) throw invalid(kind, '', errors.errors);
}

/** Throws Invalid with all that is wrong with a SelfSubjectAccessReview. */
export function checkSelfReview(kind: Kind, object: KubeObject, spec: Asked): void {
  const errors = new ErrorList();
  attributes(errors, spec);
  selectors(errors, spec.resourceAttributes);
  metadata(errors, object, [], 'must be empty');
  refuse(kind, errors);
}

/** The same for a SubjectAccessReview. */
export function checkReview(kind: Kind, object: KubeObject, spec: SubjectAccessReviewSpec): void {
  const errors = new ErrorList();
  attributes(errors, spec);
  subject(errors, spec);
  selectors(errors, spec.resourceAttributes);
  metadata(errors, object, [], 'must be empty');
  refuse(kind, errors);
}

/** The same for a LocalSubjectAccessReview, which asks about its own namespace only. */
export function checkLocalReview(
  kind: Kind,
  object: KubeObject,
  spec: SubjectAccessReviewSpec,
  namespace: string,
): void {
  const errors = new ErrorList();
  attributes(errors, spec);
  subject(errors, spec);
  selectors(errors, spec.resourceAttributes);
  metadata(errors, object, ['namespace'], 'must be empty except for namespace');
  const asked = spec.resourceAttributes && (spec.resourceAttributes.namespace ?? '');
  if (asked !== undefined && asked !== namespace) {
    errors.invalid(path.child('resourceAttributes', 'namespace'), asked, 'must match metadata.namespace');
  }
  if (spec.nonResourceAttributes) {
    const at = path.child('nonResourceAttributes');
    errors.invalid(at, spec.nonResourceAttributes, 'disallowed on this kind of request');
  }
  refuse(kind, errors);
}
