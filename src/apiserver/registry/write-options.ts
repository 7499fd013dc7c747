import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { validateFieldManager } from '../../api/object-meta.ts';
import { invalid } from '../../api/status.ts';
import type { Operation } from './operation.ts';

const kinds: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

/** Checks the options of a write that are about field management. Source: apimachinery `meta/v1/validation`. */
export function checkWriteOptions(verb: string, op: Operation): void {
  const kind = kinds[verb];
  const { fieldManager, force } = op.options;
  if (!kind || (fieldManager === undefined && force === undefined && op.patch?.type !== 'apply')) return;
  const errors = new ErrorList();
  const path = FieldPath.of('fieldManager');
  if (op.patch?.type === 'apply') {
    if (!fieldManager) errors.required(path, 'is required for apply patch');
  } else if (verb === 'patch' && force !== undefined)
    errors.forbidden(FieldPath.of('force'), 'may not be specified for non-apply patch');
  validateFieldManager(fieldManager ?? '', path, errors);
  if (!errors.empty) throw invalid({ group: 'meta.k8s.io', kind }, '', errors.errors);
}
