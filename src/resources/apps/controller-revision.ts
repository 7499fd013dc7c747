import { comparable } from '../../api/json-number.ts';
import { parseApiVersion } from '../../api/object.ts';
import type { ControllerRevision } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateRevision, validateRevisionUpdate } from './controller-revision-rules.ts';

/** "statefulset.apps/web", the owner that controls the revision. */
function controller(object: ControllerRevision): string {
  const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller);
  if (!owner) return '<none>';
  const group = parseApiVersion(owner.apiVersion)?.group;
  return `${(group ? `${owner.kind}.${group}` : owner.kind).toLowerCase()}/${owner.name}`;
}

export const controllerRevision = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  resource: 'controllerrevisions',
  kind: 'ControllerRevision',
  validate: validateRevision,
  validateUpdate: validateRevisionUpdate,
  columns: [
    nameColumn,
    text('Controller', controller),
    text('Revision', (object) => comparable(object.revision)),
    ageColumn,
  ],
});
