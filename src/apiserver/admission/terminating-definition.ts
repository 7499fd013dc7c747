import { forbidden } from '../../api/status.ts';
import type { AdmissionPlugin } from './admission.ts';

/** No object is made of a kind whose definition is being deleted. Source: apiextensions `forbidCreateAdmission`. */
export const terminatingDefinition: AdmissionPlugin = {
  name: 'TerminatingDefinition',
  operations: new Set(['CREATE']),
  mutate: ({ served, name }) => {
    if (served.custom?.terminating)
      throw forbidden(served, name, 'create not allowed while custom resource definition is terminating');
  },
};
