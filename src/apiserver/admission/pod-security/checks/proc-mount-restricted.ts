import type { Check } from '../check.ts';
import { procMountBaseline, unmaskedProc } from './proc-mount-baseline.ts';

/** What /proc masks stays masked also in user namespaces, of which baseline says otherwise from 1.35 on. */
export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check: unmaskedProc, overrides: [procMountBaseline.id] }],
};
