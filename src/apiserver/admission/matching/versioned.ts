import type { KubeObject } from '../../../api/object.ts';
import { convertedTo } from '../../registry/other-versions.ts';
import { scaleAsAsked } from '../../registry/scale-versions.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import { isWhole } from './target.ts';

/** The objects of a write in one version. Not to be changed: they may be the write's own. */
export interface VersionedObjects {
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** The objects of a write as `shown` has them. A promise where a custom resource has to be converted. */
export function versioned(request: AdmissionRequest, shown: Served): VersionedObjects | Promise<VersionedObjects> {
  const object = inVersion(request, shown, request.object as KubeObject | undefined);
  const old = inVersion(request, shown, request.old);
  if (object instanceof Promise || old instanceof Promise) return bothOf(object, old);
  return { object, old };
}

async function bothOf(object: Converted, old: Converted): Promise<VersionedObjects> {
  const [newOne, oldOne] = await Promise.all([object, old]);
  return { object: newOne, old: oldOne };
}

type Converted = KubeObject | undefined | Promise<KubeObject>;

function inVersion(
  { served, subresource }: AdmissionRequest,
  shown: Served,
  object: KubeObject | undefined,
): Converted {
  if (!object) return undefined;
  if (subresource === 'scale') return scaleAsAsked({ served: shown, subresource }, object);
  return isWhole(shown, subresource) ? convertedTo(served, shown, object) : object;
}
