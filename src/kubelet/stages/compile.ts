import { Template } from '../../base/go-template/run.ts';
import { compileDelay, type Delay } from './delay.ts';
import { compileExpression, compileValue, StageError, type Test } from './expression.ts';
import { functionNames } from './functions.ts';
import type { FinalizersSpec, PatchSpec, StageKind, StageObject, ValueFrom } from './stage-object.ts';

/** A stage that has been read and understood. */
export interface Stage {
  readonly name: string;
  readonly kind: StageKind;
  readonly selects: Test;
  /** How likely it is beside others; undefined where it cannot be told. */
  readonly weight: (object: unknown) => number | undefined;
  readonly delay: Delay;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly do: 'event'; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: Template }
  | { readonly do: 'finalizers'; readonly change: FinalizersSpec }
  | { readonly do: 'delete' }
  | {
      readonly do: 'patch';
      readonly type: 'json' | 'merge' | 'strategic';
      readonly subresource: string | undefined;
      readonly root: string | undefined;
      readonly template: Template;
    };

/** Reads a Stage. Throws `StageError` with the place of what krill does not do. */
export function compileStage({ metadata, spec }: StageObject): Stage {
  const { apiGroup = 'v1', kind } = spec.resourceRef;
  if (apiGroup !== 'v1' || (kind !== 'Pod' && kind !== 'Node')) {
    throw new StageError('spec.resourceRef', `only Pods and Nodes of v1 have stages here, not ${kind} of ${apiGroup}`);
  }
  return {
    name: metadata.name ?? '',
    kind,
    selects: compileSelector(spec.selector),
    weight: compileWeight(spec.weight ?? 0, spec.weightFrom),
    delay: compileDelay('spec.delay', spec.delay),
    steps: compileSteps(spec, kind),
  };
}

/** An empty selector selects everything, none at all nothing. */
function compileSelector(selector: StageObject['spec']['selector']): Test {
  if (!selector) return () => false;
  const tests = (selector.matchExpressions ?? []).map((expression, i) =>
    compileExpression(`spec.selector.matchExpressions[${i}]`, expression),
  );
  const pairs = (field: 'labels' | 'annotations', wanted: Readonly<Record<string, string>> = {}): Test => {
    const entries = Object.entries(wanted);
    return (object) => {
      const { metadata } = object as { metadata: Partial<Record<typeof field, Record<string, string>>> };
      return entries.every(([key, value]) => metadata[field]?.[key] === value);
    };
  };
  tests.unshift(pairs('labels', selector.matchLabels), pairs('annotations', selector.matchAnnotations));
  return (object) => tests.every((test) => test(object));
}

function compileWeight(fixed: number, from: ValueFrom | undefined): Stage['weight'] {
  const value = compileValue('spec.weightFrom', from);
  return (object) => {
    const found = value?.(object);
    if (found === undefined || found === null) return fixed;
    const weight = Number(found);
    return Number.isInteger(weight) && weight >= 0 ? weight : undefined;
  };
}

function compileSteps({ next, steps }: StageObject['spec'], kind: StageKind): Step[] {
  if (steps)
    return steps.flatMap((step, i) => compileStep(`spec.steps[${i}]`, step, step.patch ? [step.patch] : [], kind));
  if (!next) throw new StageError('spec', 'needs next or steps');
  if (next.statusPatchAs) throw new StageError('spec.next.statusPatchAs', 'is not supported');
  const { statusTemplate, statusSubresource = 'status', patches = [] } = next;
  const status = { root: 'status', subresource: statusSubresource, template: statusTemplate ?? '' };
  return compileStep('spec.next', next, statusTemplate ? [...patches, status] : patches, kind);
}

function compileStep(
  path: string,
  { event, finalizers, delete: deletes }: NonNullable<StageObject['spec']['steps']>[number],
  patches: readonly PatchSpec[],
  kind: StageKind,
): Step[] {
  const made: Step[] = [];
  if (event) {
    const type = event.type ?? 'Normal';
    if (type !== 'Normal' && type !== 'Warning') {
      throw new StageError(`${path}.event.type`, `Unsupported value: ${JSON.stringify(type)}`);
    }
    const message = compileTemplate(`${path}.event.message`, event.message ?? '', kind);
    made.push({ do: 'event', type, reason: event.reason ?? '', message });
  }
  if (finalizers) made.push({ do: 'finalizers', change: finalizers });
  if (deletes) return [...made, { do: 'delete' }];
  return [...made, ...patches.map((patch) => compilePatch(path, patch, kind))];
}

function compilePatch(path: string, patch: PatchSpec, kind: StageKind): Step {
  if (patch.impersonation) throw new StageError(`${path}.patch.impersonation`, 'is not supported');
  return {
    do: 'patch',
    type: patch.type ?? 'strategic',
    subresource: patch.subresource || undefined,
    root: patch.root || undefined,
    template: compileTemplate(`${path}.template`, patch.template ?? '', kind),
  };
}

function compileTemplate(path: string, text: string, kind: StageKind): Template {
  try {
    return new Template(text.trim(), functionNames(kind));
  } catch (error) {
    throw new StageError(path, (error as Error).message);
  }
}
