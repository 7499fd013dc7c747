import { cel } from '../../../../api/cel/cel.ts';
import { forbidden, StatusError } from '../../../../api/status.ts';
import type {
  ValidatingAdmissionPolicyBinding as Binding,
  ValidatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { Store } from '../../../../store/store.ts';
import type { Served } from '../../../registry/served.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../admission.ts';
import type { Bindings } from '../../expressions/scene.ts';
import { isPolicyKind, isReview } from '../../matching/exempt.ts';
import { nameShown } from '../refusal.ts';
import { type Invocation, matching, type Selected, select } from '../select.ts';
import { PolicySource } from '../source.ts';
import { type PolicyWorld, seenOf } from '../view.ts';
import { compileValidator, type Failure, type Validator, validate } from './validator.ts';

const name = 'ValidatingAdmissionPolicy';

type Source = PolicySource<Policy, Binding, Validator>;

/** The ValidatingAdmissionPolicies of a store. */
export const validatingSource = (store: Store): Source =>
  new PolicySource(store, 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', compileValidator);

/**
 * Holds writes against ValidatingAdmissionPolicies. Source of rules and texts: apiserver
 * `admission/plugin/policy/validating/dispatcher.go`.
 */
export function validatingAdmissionPolicy(source: Source, world: PolicyWorld): AdmissionPlugin {
  const hold = (request: AdmissionRequest): void | Promise<void> => {
    const matched = matching(source.hooks, request, world);
    if (matched.length > 0) return select(matched, request, world).then((selected) => judge(selected, request, world));
  };
  return {
    name,
    operations: new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    idle: () => source.empty,
    validate: (request) => {
      if (isPolicyKind(request) || isReview(request)) return;
      const loading = cel.ready();
      return loading ? loading.then(() => hold(request)) : hold(request);
    },
  };
}

type One = Selected<Policy, Binding, Validator>;

/** Refuses a write by the first of all that speaks against it, and warns of the rest. */
async function judge(selected: readonly One[], request: AdmissionRequest, world: PolicyWorld): Promise<void> {
  const views = new Map<Served, Bindings>();
  let refusal: StatusError | undefined;
  const deny = (policy: Policy, binding: Binding | undefined, failure: Failure) => {
    refusal ??= refused(request, policy, binding, failure);
  };
  for (const one of selected) {
    const { policy, binding } = one;
    if ('misfit' in one) {
      if (policy.spec?.failurePolicy !== 'Ignore') deny(policy, binding, { message: one.misfit, reason: 'Invalid' });
      continue;
    }
    let seen = views.get(one.shown);
    if (!seen) views.set(one.shown, (seen = await seenOf(request, one.shown, world)));
    const { failures, faults } = validate(one.evaluator, { ...seen, params: one.params ?? null });
    for (const failure of failures) act(one, failure, request, deny);
    for (const fault of faults) deny(policy, binding, fault);
  }
  if (refusal) throw refusal;
}

/** Does what the binding says about a failure. `Audit` tells the audit log, which there is none. */
function act(
  { policy, binding }: Invocation<Policy, Binding, Validator>,
  failure: Failure,
  { warn }: AdmissionRequest,
  deny: (policy: Policy, binding: Binding, failure: Failure) => void,
): void {
  for (const action of binding.spec?.validationActions ?? []) {
    if (action === 'Deny') deny(policy, binding, failure);
    if (action === 'Warn')
      warn(
        `Validation failed for ${name} '${policy.metadata.name}' with binding '${binding.metadata.name}': ${failure.message}`,
      );
  }
}

function refused(
  request: AdmissionRequest,
  { metadata }: Policy,
  binding: Binding | undefined,
  { message, reason }: Failure,
): StatusError {
  const by = binding ? ` with binding '${binding.metadata.name}'` : '';
  const why = `${name} '${metadata.name}'${by} denied request: ${message}`;
  const { status } = forbidden(request.asked, nameShown(request), why);
  return new StatusError(reason, status.message!, { ...status.details, causes: [{ message: why }] });
}
