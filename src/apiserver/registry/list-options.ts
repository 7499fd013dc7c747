import type { FieldError } from '../../api/field-errors.ts';
import { invalid } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';

const matches: readonly string[] = ['Exact', 'NotOlderThan'];

/**
 * Refuses combinations of list and watch options that mean nothing.
 * Source: apimachinery `meta/internalversion/validation`.
 */
export function checkListOptions(options: CallOptions, watch: boolean): void {
  const found: FieldError[] = [];
  const forbidden = (field: string, why: string) =>
    found.push({ type: 'FieldValueForbidden', field, body: `Forbidden: ${why}`, text: `${field}: Forbidden: ${why}` });
  const match: string | undefined = options.resourceVersionMatch;
  const version = options.resourceVersion ?? '';
  if (watch) {
    if (match !== undefined && options.sendInitialEvents === undefined)
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      );
    if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan')
      forbidden('resourceVersionMatch', `sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`);
  } else {
    if (options.sendInitialEvents !== undefined)
      forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
    if (match !== undefined) {
      if (options.continue)
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
      if (version === '')
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
      if (match === 'Exact' && version === '0')
        forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (match !== undefined && !matches.includes(match)) {
    const body = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
    found.push({
      type: 'FieldValueNotSupported',
      field: 'resourceVersionMatch',
      body,
      text: `resourceVersionMatch: ${body}`,
    });
  }
  if (found.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', found);
}
