import { cel } from '../../api/cel/cel.ts';
import {
  customResourceDefinitions as definitionsRef,
  validatingAdmissionPolicies as policiesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { kindFinder, paramType } from './kinds.ts';
import { expressionWarnings, kindsToCheck } from './plan.ts';

/** Says in the status of a policy what is wrong with its expressions for the kinds that its rules name. */
export const validatingAdmissionPolicyStatusController: ControllerDescriptor = {
  name: 'validatingadmissionpolicy-status-controller',
  account: 'validatingadmissionpolicy-status-controller',
  build({ name, client, informers, clock, log }) {
    const policies = informers.of(policiesRef);
    const definitions = informers.of(definitionsRef);
    const find = kindFinder((definition) => definitions.get(definition));
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(policies, definitions),
      async reconcile({ key, signal }) {
        const policy = policies.get(key);
        if (!policy) return;
        const { generation = 0, resourceVersion } = policy.metadata!;
        if (generation <= (policy.status?.observedGeneration ?? 0)) return;
        await cel.ready();
        const { paramKind } = policy.spec ?? {};
        const params = paramKind && paramType(paramKind, definitions.values());
        const warnings = expressionWarnings(policy, kindsToCheck(policy, find), params);
        const typeChecking = { expressionWarnings: warnings.length > 0 ? warnings : null };
        const patch = { metadata: { resourceVersion }, status: { observedGeneration: generation, typeChecking } };
        try {
          await client.resource(policiesRef).mergePatch({ name: key }, patch, { subresource: 'status', signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    policies.on({
      added: ({ metadata }) => reconciler.add(metadata!.name!),
      updated: (_, { metadata }) => reconciler.add(metadata!.name!),
    });
    return reconciler;
  },
};
