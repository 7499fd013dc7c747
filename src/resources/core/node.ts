import type { Node } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';
import { nodeDefaults, validateNode, validateNodeUpdate } from './node-rules.ts';

const roleLabelPrefix = 'node-role.kubernetes.io/';

function status(node: Node): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
  const word = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node.spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

function roles(node: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (key.startsWith(roleLabelPrefix)) found.add(key.slice(roleLabelPrefix.length));
    else if (key === 'kubernetes.io/role') found.add(value);
  }
  found.delete('');
  return [...found].sort().join(',') || '<none>';
}

const address = (node: Node, type: string): string =>
  node.status?.addresses?.find((a) => a.type === type)?.address ?? '<none>';

/** Source: nodeStrategy, fieldIsDeprecatedWarnings. */
const warnings = ({ spec }: Node): string[] => [
  ...(spec?.configSource ? ['spec.configSource: the feature is no longer supported'] : []),
  ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
];

export const node = defineResource<Node>({
  group: '',
  version: 'v1',
  resource: 'nodes',
  kind: 'Node',
  defaults: nodeDefaults,
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  warnings,
  status: { prepareUpdate: (object, old) => keepSpec(object, old), validateUpdate: validateNodeUpdate },
  columns: [
    nameColumn,
    text('Status', status),
    text('Roles', roles),
    ageColumn,
    text('Version', (object) => object.status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', (object) => address(object, 'InternalIP')),
    wide('External-IP', (object) => address(object, 'ExternalIP')),
    wide('OS-Image', (object) => object.status?.nodeInfo?.osImage || '<unknown>'),
    wide('Kernel-Version', (object) => object.status?.nodeInfo?.kernelVersion || '<unknown>'),
    wide('Container-Runtime', (object) => object.status?.nodeInfo?.containerRuntimeVersion || '<unknown>'),
  ],
  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
});
