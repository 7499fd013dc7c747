import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { configMapKeyErrors } from '../../api/names.ts';
import type { ConfigMapNodeConfigSource, NodeConfigSource, NodeConfigStatus } from '../../api/types/core-v1.gen.ts';
import { label, named, present, subdomain } from '../rules/check.ts';

/** Where a kubelet once took its settings from. No kubelet reads it any more, but it is still checked. */

type Identity = (errors: ErrorList, path: FieldPath, source: ConfigMapNodeConfigSource) => void;

/** A wish names no certain state of the ConfigMap. */
const noState: Identity = (errors, path, { uid, resourceVersion }) => {
  if (uid) errors.forbidden(path.child('uid'), 'uid must not be set in spec');
  if (resourceVersion) errors.forbidden(path.child('resourceVersion'), 'resourceVersion must not be set in spec');
};

/** A report does. */
const oneState: Identity = (errors, path, { uid, resourceVersion }) => {
  present(errors, path.child('uid'), uid);
  present(errors, path.child('resourceVersion'), resourceVersion);
};

function configSource(errors: ErrorList, path: FieldPath, source: NodeConfigSource, identity: Identity): void {
  const { configMap } = source;
  if (!configMap) {
    errors.invalid(path, source, 'exactly one reference subfield must be non-nil');
    return;
  }
  const at = path.child('configMap');
  identity(errors, at, configMap);
  const { namespace, name, kubeletConfigKey: key } = configMap;
  if (present(errors, at.child('namespace'), namespace)) label(errors, at.child('namespace'), namespace);
  if (present(errors, at.child('name'), name)) subdomain(errors, at.child('name'), name);
  const keyPath = at.child('kubeletConfigKey');
  if (present(errors, keyPath, key)) named(errors, keyPath, key, configMapKeyErrors);
}

export const wantedConfig = (errors: ErrorList, path: FieldPath, source: NodeConfigSource): void =>
  configSource(errors, path, source, noState);

export function reportedConfig(errors: ErrorList, path: FieldPath, status: NodeConfigStatus): void {
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status[field];
    if (source) configSource(errors, path.child(field), source, oneState);
  }
}
