import type {
  MutatingAdmissionPolicyBinding as Binding,
  MutatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { AdmissionPlugin } from '../../admission.ts';
import { policyPlugin } from '../policy-plugin.ts';
import { PolicySource } from '../source.ts';
import type { PolicyWorld } from '../view.ts';
import { compileMutator, type Mutator } from './mutator.ts';
import { name, Round } from './round.ts';

type Source = PolicySource<Policy, Binding, Mutator>;

/** The MutatingAdmissionPolicies of a store. */
export const mutatingSource = ({ store }: PolicyWorld): Source =>
  new PolicySource(store, 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings', compileMutator);

/** Changes writes as MutatingAdmissionPolicies say. A delete has no body to change. */
export const mutatingAdmissionPolicy = (source: Source, world: PolicyWorld): AdmissionPlugin =>
  policyPlugin(
    {
      name,
      operations: ['CREATE', 'UPDATE', 'CONNECT'],
      phase: 'mutate',
      apply: (selected, request) => new Round(request, world).run(selected),
    },
    source,
    world,
  );
