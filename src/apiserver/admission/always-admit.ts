import type { AdmissionPlugin } from './admission.ts';

/** Says yes to everything, which nobody needs. Source: plugin/pkg/admission/admit. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', operations: new Set() };
