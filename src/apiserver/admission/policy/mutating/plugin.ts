import { cel } from '../../../../api/cel/cel.ts';
import { forbidden, StatusError } from '../../../../api/status.ts';
import type {
  MutatingAdmissionPolicyBinding as Binding,
  MutatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { Store } from '../../../../store/store.ts';
import { sameTree } from '../../../registry/equality.ts';
import { type AdmissionPlugin, type AdmissionRequest, Reinvocation } from '../../admission.ts';
import { conditionsHold } from '../../expressions/match-conditions.ts';
import { type Bindings, Scene } from '../../expressions/scene.ts';
import { isPolicyKind, isReview } from '../../matching/exempt.ts';
import { writeBack } from '../../matching/write-back.ts';
import { nameShown } from '../refusal.ts';
import { type Invocation, matching, type Selected, select } from '../select.ts';
import { ignoresErrors, PolicySource } from '../source.ts';
import { type PolicyWorld, seenOf } from '../view.ts';
import { compileMutator, type Mutator, mutated } from './mutator.ts';
import { MutationError } from './patches.ts';

const name = 'MutatingAdmissionPolicy';

type Source = PolicySource<Policy, Binding, Mutator>;
type One = Selected<Policy, Binding, Mutator>;
type Call = Invocation<Policy, Binding, Mutator>;

/** The MutatingAdmissionPolicies of a store. */
export const mutatingSource = (store: Store): Source =>
  new PolicySource(store, 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings', compileMutator);

/**
 * Changes writes as MutatingAdmissionPolicies say. Source of rules and texts: apiserver
 * `admission/plugin/policy/mutating/dispatcher.go` and `generic/policy_dispatcher.go`.
 */
export function mutatingAdmissionPolicy(source: Source, world: PolicyWorld): AdmissionPlugin {
  const change = (request: AdmissionRequest): void | Promise<void> => {
    const matched = matching(source.hooks, request, world);
    if (matched.length > 0) return select(matched, request, world).then((all) => new Round(request, world).run(all));
  };
  return {
    name,
    // A delete has no body to change.
    operations: new Set(['CREATE', 'UPDATE', 'CONNECT']),
    idle: () => source.empty,
    mutate: (request) => {
      if (isPolicyKind(request) || isReview(request)) return;
      const loading = cel.ready();
      return loading ? loading.then(() => change(request)) : change(request);
    },
  };
}

/** What is wrong with one policy; the reason is for the answer, if it comes first. */
interface Complaint {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason?: 'Invalid';
}

/** One round of all policies over a write. */
class Round {
  readonly #request: AdmissionRequest;
  readonly #world: PolicyWorld;
  readonly #complaints: Complaint[] = [];

  constructor(request: AdmissionRequest, world: PolicyWorld) {
    this.#request = request;
    this.#world = world;
  }

  async run(selected: readonly One[]): Promise<void> {
    for (const one of selected) if ('misfit' in one) this.#complaints.push({ ...one, message: one.misfit });
    const calls = selected.filter((one) => !('misfit' in one)) as Call[];
    if (calls.length > 0) await this.#runCalls(calls);
    const grave = this.#complaints.filter(({ policy }) => !ignoresErrors(policy));
    if (grave.length > 0) throw refused(this.#request, grave);
  }

  async #runCalls(calls: readonly Call[]): Promise<void> {
    const request = this.#request;
    const reinvocation = (request.reinvocation ??= new Reinvocation());
    const before = reinvocation.again ? ((reinvocation.notes.get(name) ?? nobody) as ReadonlySet<string>) : undefined;
    const run = new Set<string>();
    for (const call of calls) {
      const see = async (): Promise<Bindings> => ({
        ...(await seenOf(request, call.shown, this.#world)),
        params: call.params ?? null,
      });
      if (!this.#isMet(call, await see())) continue;
      // In a second round come those again that came in the first and said that they might.
      if (before && !before.has(keyOf(call))) continue;
      if (call.evaluator.again) run.add(keyOf(call));
      if (await this.#mutate(call, see)) reinvocation.wanted = true;
    }
    if (!reinvocation.again) reinvocation.notes.set(name, run);
  }

  #isMet(call: Call, bindings: Bindings): boolean {
    const { conditions, variables } = call.evaluator;
    const matching = conditionsHold(conditions, new Scene({ ...bindings, namespaceObject: null }, variables));
    if (matching.error === undefined) return matching.matches;
    this.#complain(call, matching.error);
    return false;
  }

  /** Runs the mutations of a policy, each on what the one before has made. Whether any could be run. */
  async #mutate(call: Call, see: () => Promise<Bindings>): Promise<boolean> {
    const request = this.#request;
    const { policy, binding, evaluator, shown } = call;
    const count = (message?: string) =>
      this.#world.metrics.mutated(policy.metadata.name!, binding.metadata.name!, message);
    let changed = false;
    for (const mutation of request.object ? evaluator.mutations : []) {
      const bindings = await see();
      const object = bindings['object'] as Parameters<typeof mutated>[3];
      try {
        const target = { shown, subresource: request.subresource };
        const next = mutated(mutation, evaluator.variables, bindings, object, target);
        if (!sameTree(next, object)) await writeBack(request, shown, next);
        changed = true;
        count();
      } catch (error) {
        if (!(error instanceof MutationError)) throw error;
        count(error.message);
        this.#complain(call, error.message);
      }
    }
    return changed;
  }

  #complain({ policy, binding }: Call, message: string): void {
    this.#complaints.push({ policy, binding, message, reason: 'Invalid' });
  }
}

const nobody: ReadonlySet<string> = new Set();

/** What tells one call from another, in both rounds. */
const keyOf = ({ policy, binding, params }: Call): string =>
  [policy.metadata.name, binding.metadata.name, params?.metadata.namespace, params?.metadata.name].join('/');

function textOf({ policy, binding, message }: Complaint): string {
  return binding
    ? `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`
    : `policy ${JSON.stringify(policy.metadata.name)} denied request: ${message}`;
}

/** The first complaint is the message, all are causes. The code stays 403, whatever the reason. */
function refused(request: AdmissionRequest, complaints: readonly Complaint[]): StatusError {
  const { details } = forbidden(request.asked, nameShown(request), '').status;
  const causes = complaints.map((complaint) => ({ message: textOf(complaint) }));
  return new StatusError(
    'Forbidden',
    causes[0]!.message,
    { ...details, causes },
    { reason: complaints[0]!.reason ?? 'Forbidden' },
  );
}
