import type { KubeObject, Mutable } from '../../../../api/object.ts';
import type {
  MutatingAdmissionPolicyBinding as Binding,
  MutatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import { sameTree } from '../../../registry/equality.ts';
import { type AdmissionRequest, Reinvocation } from '../../admission.ts';
import { conditionsHold } from '../../expressions/match-conditions.ts';
import { type Bindings, Scene } from '../../expressions/scene.ts';
import { writeBack } from '../../matching/write-back.ts';
import type { Invocation, Selected } from '../select.ts';
import { ignoresErrors } from '../source.ts';
import { type PolicyWorld, seenOf, Unconvertible } from '../view.ts';
import { type Complaint, refused } from './complaint.ts';
import { type Mutation, type Mutator, mutated } from './mutator.ts';
import { MutationError } from './patches.ts';

type One = Selected<Policy, Binding, Mutator>;
type Call = Invocation<Policy, Binding, Mutator>;

export const name = 'MutatingAdmissionPolicy';

/**
 * One round of all policies over a write. In a second one come those again that came in the first and said that they might.
 * Source: apiserver `admission/plugin/policy/mutating/dispatcher.go`.
 */
export class Round {
  readonly #request: AdmissionRequest;
  readonly #world: PolicyWorld;
  readonly #complaints: Complaint[] = [];

  constructor(request: AdmissionRequest, world: PolicyWorld) {
    this.#request = request;
    this.#world = world;
  }

  /** Throws the 403 with all that is wrong, but for what the failure policies ignore. */
  async run(selected: readonly One[]): Promise<void> {
    const reinvocation = (this.#request.reinvocation ??= new Reinvocation());
    const { again, notes } = reinvocation;
    const before = (notes.get(name) ?? nobody) as ReadonlySet<string>;
    const calls: Call[] = [];
    for (const one of selected) {
      if ('misfit' in one) this.#complaints.push({ ...one, message: one.misfit });
      else if (!again || before.has(keyOf(one))) calls.push(one);
    }
    const mayComeAgain = new Set<string>();
    for (const call of calls) {
      const seen = await this.#met(call);
      if (!seen) continue;
      if (call.evaluator.again) mayComeAgain.add(keyOf(call));
      if (await this.#mutate(call, seen)) reinvocation.wanted = true;
    }
    if (!again) notes.set(name, mayComeAgain);
    const grave = this.#complaints.filter(({ policy }) => !ignoresErrors(policy));
    if (grave.length > 0) throw refused(this.#request, grave);
  }

  /** What a policy sees of the write as it is now; undefined where it cannot be had, which is a complaint. */
  async #seen({ policy, shown, params }: Call): Promise<Bindings | undefined> {
    try {
      return { ...(await seenOf(this.#request, shown, this.#world)), params: params ?? null };
    } catch (error) {
      if (!(error instanceof Unconvertible)) throw error;
      this.#complaints.push({ policy, binding: undefined, message: `failed to configure policy: ${error.message}` });
      return undefined;
    }
  }

  /** What a policy sees, if its conditions hold. */
  async #met(call: Call): Promise<Bindings | undefined> {
    const { conditions, variables } = call.evaluator;
    const seen = await this.#seen(call);
    if (!seen) return undefined;
    const matching = conditionsHold(conditions, new Scene({ ...seen, namespaceObject: null }, variables));
    if (matching.error === undefined) return matching.matches ? seen : undefined;
    this.#complain(call, matching.error);
    return undefined;
  }

  /** Runs the mutations of a policy, each on what the one before has made. Whether that is another object. */
  async #mutate(call: Call, first: Bindings): Promise<boolean> {
    let seen: Bindings | undefined = first;
    let changed = false;
    for (const mutation of this.#request.object ? call.evaluator.mutations : []) {
      seen ??= await this.#seen(call);
      if (!seen) return changed;
      const next = this.#mutated(call, mutation, seen);
      if (!next || sameTree(next, seen['object'])) continue;
      await writeBack(this.#request, call.shown, next);
      seen = undefined;
      changed = true;
    }
    return changed;
  }

  /** What one mutation makes of the object; undefined where it cannot be done. */
  #mutated(call: Call, mutation: Mutation, seen: Bindings): Mutable<KubeObject> | undefined {
    const target = { shown: call.shown, subresource: this.#request.subresource };
    try {
      const next = mutated(mutation, call.evaluator.variables, seen, seen['object'] as KubeObject, target);
      this.#count(call);
      return next;
    } catch (error) {
      if (!(error instanceof MutationError)) throw error;
      this.#count(call, error.message);
      this.#complain(call, error.message);
      return undefined;
    }
  }

  #count({ policy, binding }: Call, message?: string): void {
    this.#world.metrics.mutated(policy.metadata.name!, binding.metadata.name!, message);
  }

  #complain({ policy, binding }: Call, message: string): void {
    this.#complaints.push({ policy, binding, message, reason: 'Invalid' });
  }
}

const nobody: ReadonlySet<string> = new Set();

/** What tells one call from another, in both rounds. */
const keyOf = ({ policy, binding, params }: Call): string =>
  [policy.metadata.name, binding.metadata.name, params?.metadata.namespace, params?.metadata.name].join('/');
