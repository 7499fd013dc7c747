import type { KubeObject, Mutable } from '../../../api/object.ts';
import { convertedTo } from '../../registry/other-versions.ts';
import type { Served } from '../../registry/served.ts';
import { applyDefaults } from '../../registry/shape.ts';
import type { AdmissionRequest } from '../admission.ts';
import { isWhole } from './target.ts';

/**
 * Makes `next`, an object in the version `shown`, the object of a write, with defaults. Others hold the tree itself, so its
 * content is exchanged.
 */
export async function writeBack(request: AdmissionRequest, shown: Served, next: Mutable<KubeObject>): Promise<void> {
  const { object, served, subresource } = request;
  if (!object) return;
  const whole = isWhole(shown, subresource);
  const content = whole ? await convertedTo(shown, served, next) : next;
  // The options of a connection have none.
  const hasMetadata = object.metadata !== undefined;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, content);
  if (hasMetadata) object.metadata ??= {};
  if (whole) applyDefaults(served, object);
}
