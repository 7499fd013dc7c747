import type { ErrorList } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import { isExtendedResource } from '../rules/quantities.ts';
import { specPath } from '../rules/workloads.ts';
import { maxConfigurations } from './claim-spec-rules.ts';
import { configuration } from './configuration-rules.ts';
import { upTo } from './names.ts';
import { selectors } from './selector-rules.ts';

/** Rules of DeviceClasses. Source: resource/validation. */
export function validateDeviceClass({ spec }: DeviceClass, errors: ErrorList, old?: DeviceClass): void {
  const kept = (field: 'selectors' | 'config'): boolean =>
    old !== undefined && sameValue(spec?.[field], old.spec?.[field]);
  selectors(errors, specPath.child('selectors'), spec?.selectors, kept('selectors'));
  const stored = kept('config');
  upTo(errors, specPath.child('config'), spec?.config, maxConfigurations, (_, at, value) =>
    configuration(errors, at, value, stored),
  );
  const name = spec?.extendedResourceName;
  if (name !== undefined && !isExtendedResource(name)) {
    errors.invalid(specPath.child('extendedResourceName'), name, 'must be a valid extended resource name');
  }
}
