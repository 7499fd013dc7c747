import type {
  ValidatingAdmissionPolicyBinding as Binding,
  ValidatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { AdmissionPlugin } from '../../admission.ts';
import { policyPlugin } from '../policy-plugin.ts';
import { PolicySource } from '../source.ts';
import type { PolicyWorld } from '../view.ts';
import { Judgement, name } from './judgement.ts';
import { compileValidator, type Validator } from './validator.ts';

type Source = PolicySource<Policy, Binding, Validator>;

/** The ValidatingAdmissionPolicies of a store. */
export const validatingSource = ({ store }: PolicyWorld): Source =>
  new PolicySource(store, 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', compileValidator);

/** Holds writes against ValidatingAdmissionPolicies. */
export const validatingAdmissionPolicy = (source: Source, world: PolicyWorld): AdmissionPlugin =>
  policyPlugin(
    {
      name,
      operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
      phase: 'validate',
      apply: (selected, request) => new Judgement(request, world).pass(selected),
    },
    source,
    world,
  );
