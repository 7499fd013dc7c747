import { forbidden, StatusError } from '../../../../api/status.ts';
import type {
  ValidatingAdmissionPolicyBinding as Binding,
  ValidatingAdmissionPolicy as Policy,
  ValidationAction,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { Served } from '../../../registry/served.ts';
import type { AdmissionRequest } from '../../admission.ts';
import type { Bindings } from '../../expressions/scene.ts';
import { nameShown } from '../name-shown.ts';
import type { Invocation, Selected } from '../select.ts';
import { ignoresErrors } from '../source.ts';
import { type PolicyWorld, seenOf, Unconvertible } from '../view.ts';
import { type Failure, type Validator, validate } from './validator.ts';

export const name = 'ValidatingAdmissionPolicy';

type One = Selected<Policy, Binding, Validator>;
type Call = Invocation<Policy, Binding, Validator>;

/**
 * One write that is held against policies. Source of rules and texts: apiserver
 * `admission/plugin/policy/validating/dispatcher.go`.
 */
export class Judgement {
  readonly #request: AdmissionRequest;
  readonly #world: PolicyWorld;
  readonly #views = new Map<Served, Bindings>();
  #refusal: StatusError | undefined;

  constructor(request: AdmissionRequest, world: PolicyWorld) {
    this.#request = request;
    this.#world = world;
  }

  /** Refuses the write by the first of all that speaks against it, and warns of the rest. */
  async pass(selected: readonly One[]): Promise<void> {
    for (const one of selected) {
      if ('misfit' in one) this.#misfit(one, one.misfit);
      else await this.#hold(one);
    }
    if (this.#refusal) throw this.#refusal;
  }

  async #hold(call: Call): Promise<void> {
    try {
      const view = await this.#view(call.shown);
      const { failures, faults } = validate(call.evaluator, { ...view, params: call.params ?? null });
      for (const failure of failures) this.#weigh(call, failure, call.binding.spec?.validationActions ?? []);
      for (const fault of faults) this.#weigh(call, fault, ['Deny']);
    } catch (error) {
      if (!(error instanceof Unconvertible)) throw error;
      this.#misfit(call, `failed to configure binding: failed to convert object version: ${error.message}`);
    }
  }

  /** A policy or binding that cannot be applied, whatever the binding does about failures. */
  #misfit(one: Pick<One, 'policy' | 'binding'>, message: string): void {
    if (!ignoresErrors(one.policy)) this.#deny(one, { message, reason: 'Invalid', isError: true });
  }

  /** The objects are converted once for each version. */
  async #view(shown: Served): Promise<Bindings> {
    let view = this.#views.get(shown);
    if (!view) this.#views.set(shown, (view = await seenOf(this.#request, shown, this.#world)));
    return view;
  }

  /** Does about a failure what is to be done. `Audit` tells the audit log, which there is none. */
  #weigh(call: Call, failure: Failure, actions: readonly ValidationAction[]): void {
    const [policy, binding] = [call.policy.metadata.name!, call.binding.metadata.name!];
    const { message } = failure;
    const { metrics } = this.#world;
    if (failure.isError && ignoresErrors(call.policy)) {
      metrics.validated(policy, binding, 'allow', message);
      return;
    }
    for (const action of actions) {
      metrics.validated(policy, binding, action.toLowerCase() as Lowercase<ValidationAction>, message);
      if (action === 'Deny') this.#deny(call, failure);
      if (action === 'Warn')
        this.#request.warn(`Validation failed for ${name} '${policy}' with binding '${binding}': ${message}`);
    }
  }

  #deny({ policy, binding }: Pick<One, 'policy' | 'binding'>, failure: Failure): void {
    this.#refusal ??= refused(this.#request, policy, binding, failure);
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
