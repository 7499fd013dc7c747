import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Differences } from './old-version.ts';

interface Spec {
  group?: unknown;
  groups?: unknown;
}

function rename(object: Mutable<KubeObject>, from: keyof Spec, to: keyof Spec): void {
  const spec = object['spec'] as Spec | undefined;
  if (spec?.[from] === undefined) return;
  spec[to] = spec[from];
  delete spec[from];
}

/** authorization.k8s.io/v1beta1 says `group` for the groups of the user. */
export const v1beta1AccessReview: Differences = {
  toStorage: (object) => rename(object, 'group', 'groups'),
  fromStorage: (object) => rename(object, 'groups', 'group'),
};
