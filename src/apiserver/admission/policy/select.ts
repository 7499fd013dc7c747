import type { KubeObject } from '../../../api/object.ts';
import { StatusError } from '../../../api/status.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import { namespaceOf } from '../matching/target.ts';
import { collectParams, ParamsError, type ParamWorld, paramResource } from './params.ts';
import type { AnyBinding, AnyPolicy, Bound, Hook } from './source.ts';

/** A policy that a write is held against, by one binding and with one object of parameters. */
export interface Invocation<P, B, E> {
  readonly policy: P;
  readonly binding: B;
  readonly evaluator: E;
  /** The version in which the policy sees the write. */
  readonly shown: Served;
  readonly params: KubeObject | undefined;
}

/** A policy, or a binding of it, that cannot be applied as it is. */
export interface Misfit<P, B> {
  readonly policy: P;
  readonly binding: B | undefined;
  readonly misfit: string;
}

export type Selected<P, B, E> = Invocation<P, B, E> | Misfit<P, B>;

/** A policy that is for a write, and its bindings that may be. */
interface Matched<P, B, E> {
  readonly hook: Hook<P, B, E>;
  readonly shown: Served;
}

/** What keeps a policy or binding from being applied; undefined for what is a fault of ours. */
const misfitText = (error: unknown): string | undefined =>
  error instanceof StatusError || error instanceof ParamsError ? error.message : undefined;

/** The policies that are for a write by their own constraints. Empty for most writes, at little cost. */
export function matching<P, B, E>(
  hooks: readonly Hook<P, B, E>[],
  request: AdmissionRequest,
  world: ParamWorld,
): readonly (Matched<P, B, E> | Misfit<P, B>)[] {
  return hooks.flatMap((hook): (Matched<P, B, E> | Misfit<P, B>)[] => {
    try {
      const shown = hook.matcher.match(request, world);
      return shown ? [{ hook, shown }] : [];
    } catch (error) {
      return [misfit<P, B>(hook.policy, undefined, error)];
    }
  });
}

function misfit<P, B>(policy: P, binding: B | undefined, error: unknown): Misfit<P, B> {
  const text = misfitText(error);
  if (text === undefined) throw error;
  return { policy, binding, misfit: `failed to configure ${binding ? 'binding' : 'policy'}: ${text}` };
}

/**
 * What a write is to be held against, in order: each policy by each of its bindings that are for the write, with each of
 * its parameters. Source: apiserver `admission/plugin/policy/generic/policy_dispatcher.go`.
 */
export async function select<P extends AnyPolicy, B extends AnyBinding, E>(
  matched: readonly (Matched<P, B, E> | Misfit<P, B>)[],
  request: AdmissionRequest,
  world: ParamWorld,
): Promise<readonly Selected<P, B, E>[]> {
  const selected: Selected<P, B, E>[] = [];
  for (const one of matched) {
    if ('misfit' in one) selected.push(one);
    else selected.push(...(await invocationsOf(one, request, world)));
  }
  return selected;
}

async function invocationsOf<P extends AnyPolicy, B extends AnyBinding, E>(
  { hook, shown }: Matched<P, B, E>,
  request: AdmissionRequest,
  world: ParamWorld,
): Promise<readonly Selected<P, B, E>[]> {
  const { policy, evaluator } = hook;
  const selected: Selected<P, B, E>[] = [];
  let resource: Served | undefined;
  try {
    resource = paramResource(policy.spec?.paramKind, world);
  } catch (error) {
    return [misfit<P, B>(policy, undefined, error)];
  }
  for (const { binding, matcher } of hook.bindings) {
    try {
      if (!isFor(matcher, request, world)) continue;
      const found = await collectParams(resource, binding.spec?.paramRef, namespaceOf(request), world);
      for (const params of found) selected.push({ policy, binding, evaluator, shown, params });
    } catch (error) {
      selected.push(misfit(policy, binding, error));
    }
  }
  return selected;
}

const isFor = (matcher: Bound<unknown>['matcher'], request: AdmissionRequest, world: ParamWorld): boolean =>
  matcher === undefined || matcher.match(request, world) !== undefined;
