import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { validateFieldManager } from '../../api/object-meta.ts';
import { invalid } from '../../api/status.ts';
import type { Operation } from './operation.ts';

/** The options of writes, by the name refusals call them. Source of the rules: apimachinery `meta/v1/validation`. */
type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

const kinds: Readonly<Record<string, OptionsKind>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};

/** The options of a verb; undefined for verbs that write nothing. */
export const optionsOf = (verb: string): OptionsKind | undefined => kinds[verb];

/** Runs checks of options and throws their findings, if there are any. */
export function checkOptions(kind: OptionsKind, check: (errors: ErrorList) => void): void {
  const errors = new ErrorList();
  check(errors);
  if (!errors.empty) throw invalid({ group: 'meta.k8s.io', kind }, '', errors.errors);
}

/** Refuses any dry run but a whole one. */
export function checkDryRun(kind: OptionsKind, stages: readonly string[]): void {
  if (stages.every((stage) => stage === 'All')) return;
  checkOptions(kind, (errors) => errors.notSupported(FieldPath.of('dryRun'), stages, ['All']));
}

/** Checks the options of a write that are about field management. */
export function checkWriteOptions(verb: string, op: Operation): void {
  const kind = optionsOf(verb);
  const { fieldManager, force } = op.options;
  const apply = op.patch?.type === 'apply';
  if (!kind || kind === 'DeleteOptions' || (fieldManager === undefined && force === undefined && !apply)) return;
  checkOptions(kind, (errors) => {
    const path = FieldPath.of('fieldManager');
    if (apply) {
      if (!fieldManager) errors.required(path, 'is required for apply patch');
    } else if (verb === 'patch' && force !== undefined)
      errors.forbidden(FieldPath.of('force'), 'may not be specified for non-apply patch');
    validateFieldManager(fieldManager ?? '', path, errors);
  });
}
