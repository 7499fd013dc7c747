import type { Check, CheckPod } from '../check.ts';

const fields = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

const check: CheckPod = ({ spec }) => {
  const shared = fields.filter((field) => spec[field]);
  return shared.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

/** Namespaces of the host are not shared. Restricted: `hostNetwork`, `hostPID`, `hostIPC`. Allowed: false, nothing. */
export const hostNamespaces: Check = { id: 'hostNamespaces', level: 'baseline', versions: [{ since: 0, check }] };
