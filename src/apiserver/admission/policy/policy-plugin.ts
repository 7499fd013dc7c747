import { cel } from '../../../api/cel/cel.ts';
import type { AdmissionOperation, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { isPolicyKind, isReview } from '../matching/exempt.ts';
import { matching, type Selected, select } from './select.ts';
import type { AnyBinding, AnyPolicy, PolicySource } from './source.ts';
import type { PolicyWorld } from './view.ts';

/** What the two kinds of policy do differently. */
export interface PolicyKind<P, B, E> {
  readonly name: string;
  readonly operations: readonly AdmissionOperation[];
  readonly phase: 'mutate' | 'validate';
  /** Applies to a write what it is to be held against. */
  readonly apply: (selected: readonly Selected<P, B, E>[], request: AdmissionRequest) => Promise<void>;
}

/**
 * The plugin that applies all policies of a kind. Writes that are for no policy stay in their turn. Source: apiserver
 * `admission/plugin/policy/generic/plugin.go`.
 */
export function policyPlugin<P extends AnyPolicy, B extends AnyBinding, E>(
  { name, operations, phase, apply }: PolicyKind<P, B, E>,
  source: PolicySource<P, B, E>,
  world: PolicyWorld,
): AdmissionPlugin {
  const hold = (request: AdmissionRequest): void | Promise<void> => {
    const matched = matching(source.hooks, request, world);
    if (matched.length > 0) return select(matched, request, world).then((selected) => apply(selected, request));
  };
  const run = (request: AdmissionRequest): void | Promise<void> => {
    if (isPolicyKind(request) || isReview(request)) return;
    const loading = cel.ready();
    return loading ? loading.then(() => hold(request)) : hold(request);
  };
  return {
    name,
    operations: new Set(operations),
    idle: () => source.empty,
    ...(phase === 'mutate' ? { mutate: run } : { validate: run }),
  };
}
