import type { FieldError } from '../../api/field-errors.ts';
import { invalid } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';

const at = 'resourceVersionMatch';

function forbidden(field: string, why: string): FieldError {
  const body = `Forbidden: ${why}`;
  return { type: 'FieldValueForbidden', field, body, text: `${field}: ${body}` };
}

function unsupported(match: string, supported: string): FieldError {
  const body = `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`;
  return { type: 'FieldValueNotSupported', field: at, body, text: `${at}: ${body}` };
}

/** A rule that is broken when its condition holds. */
type Rule = readonly [broken: boolean, error: FieldError];

function listRules(options: CallOptions): Rule[] {
  const { resourceVersion = '', sendInitialEvents } = options;
  const match: string | undefined = options.resourceVersionMatch;
  const given = match !== undefined;
  return [
    [
      given && resourceVersion === '',
      forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    ],
    [given && Boolean(options.continue), forbidden(at, 'resourceVersionMatch is forbidden when continue is provided')],
    [given && match !== 'Exact' && match !== 'NotOlderThan', unsupported(match ?? '', '"Exact", "NotOlderThan", ""')],
    [
      match === 'Exact' && resourceVersion === '0',
      forbidden(at, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    ],
    [sendInitialEvents !== undefined, forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')],
  ];
}

function watchRules(options: CallOptions): Rule[] {
  const match: string | undefined = options.resourceVersionMatch;
  const asksInitial = options.sendInitialEvents !== undefined;
  const given = match !== undefined;
  return [
    [
      asksInitial && match !== 'NotOlderThan',
      forbidden(at, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    ],
    [
      given && !asksInitial,
      forbidden(at, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    ],
    [given && match !== 'NotOlderThan', unsupported(match ?? '', '"NotOlderThan"')],
    [given && Boolean(options.continue), forbidden(at, 'resourceVersionMatch is forbidden when continue is provided')],
  ];
}

/**
 * Refuses combinations of list and watch options that mean nothing. Throws the 422 Status.
 * Source: apimachinery `meta/internalversion/validation`.
 */
export function checkListOptions(options: CallOptions, watch: boolean): void {
  if (options.resourceVersionMatch === undefined && options.sendInitialEvents === undefined) return;
  const errors = (watch ? watchRules(options) : listRules(options)).flatMap(([broken, error]) =>
    broken ? [error] : [],
  );
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}
