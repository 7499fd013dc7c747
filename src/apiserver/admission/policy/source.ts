import type { MatchResources, ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { Store } from '../../../store/store.ts';
import { type Criteria, Matcher } from '../matching/matcher.ts';

/** What both kinds of policy have. */
export interface AnyPolicy {
  readonly metadata: { readonly name?: string };
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
  };
}

/** Whether what cannot be told about a policy is let pass rather than refused. */
export const ignoresErrors = ({ spec }: AnyPolicy): boolean => spec?.failurePolicy === 'Ignore';

/** What both kinds of binding have. */
export interface AnyBinding {
  readonly metadata: { readonly name?: string };
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
  };
}

/** A binding, ready to be asked of every write. Without a matcher it is for all that its policy is for. */
export interface Bound<B> {
  readonly binding: B;
  readonly matcher: Matcher | undefined;
}

/** A policy that is bound, compiled. */
export interface Hook<P, B, E> {
  readonly policy: P;
  readonly matcher: Matcher;
  readonly evaluator: E;
  readonly bindings: readonly Bound<B>[];
}

const group = 'admissionregistration.k8s.io';

/** As policies have it, no rule means everything. */
const criteriaOf = (match: MatchResources = {}): Criteria => ({
  rules: match.resourceRules?.length ? match.resourceRules : undefined,
  excluded: match.excludeResourceRules,
  matchPolicy: match.matchPolicy as Criteria['matchPolicy'],
  namespaceSelector: match.namespaceSelector,
  objectSelector: match.objectSelector,
});

/**
 * The policies of one kind with their bindings, as they are stored: put together when first asked for after a change was
 * shown, in the order of their names. A policy is compiled once, however often its bindings or its status change. Source: apiserver
 * `admission/plugin/policy/generic/policy_source.go`, which looks for changes once a second and has no order.
 */
export class PolicySource<P extends AnyPolicy, B extends AnyBinding, E> {
  readonly #store: Store;
  readonly #policies: string;
  readonly #bindings: string;
  readonly #compile: (policy: P) => E;
  /** By spec, which stays the same value when a status is written. */
  readonly #evaluators = new WeakMap<object, E>();
  readonly #watches: readonly { close(): void }[];
  #hooks: readonly Hook<P, B, E>[] | undefined;

  /** `policies` and `bindings` are plurals. `compile` may use CEL without waiting, as who asks for hooks has waited for it. */
  constructor(store: Store, policies: string, bindings: string, compile: (policy: P) => E) {
    this.#store = store;
    this.#policies = `${policies}.${group}`;
    this.#bindings = `${bindings}.${group}`;
    this.#compile = compile;
    const drop = () => {
      this.#hooks = undefined;
    };
    this.#watches = [this.#policies, this.#bindings].map((resource) =>
      store.watch(resource, { after: store.revision }, { changes: drop, end: drop }),
    );
  }

  /** Whether no policy can be bound: all that a write costs in a cluster without any. */
  get empty(): boolean {
    if (this.#hooks === undefined && this.#store.count(this.#bindings) === 0) this.#hooks = [];
    return this.#hooks?.length === 0;
  }

  /** The policies that are bound. CEL must have been loaded. */
  get hooks(): readonly Hook<P, B, E>[] {
    return (this.#hooks ??= this.#read());
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #read(): Hook<P, B, E>[] {
    const bound = Map.groupBy(
      this.#store.list(this.#bindings).entries.map(({ object }) => object as unknown as B),
      ({ spec }) => spec?.policyName,
    );
    return this.#store.list(this.#policies).entries.flatMap(({ object }) => {
      const policy = object as unknown as P;
      const bindings = bound.get(policy.metadata.name);
      if (!bindings) return [];
      const matcher = new Matcher(criteriaOf(policy.spec?.matchConstraints));
      return [{ policy, matcher, evaluator: this.#evaluator(policy), bindings: bindings.map(ready) }];
    });
  }

  #evaluator(policy: P): E {
    const key = policy.spec ?? policy;
    let evaluator = this.#evaluators.get(key);
    if (evaluator === undefined) {
      evaluator = this.#compile(policy);
      this.#evaluators.set(key, evaluator);
    }
    return evaluator;
  }
}

function ready<B extends AnyBinding>(binding: B): Bound<B> {
  const match = binding.spec?.matchResources;
  return { binding, matcher: match && new Matcher(criteriaOf(match)) };
}
