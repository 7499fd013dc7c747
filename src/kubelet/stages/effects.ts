import { parseYaml } from '../../api/yaml.ts';
import type { Patch } from '../../client/call.ts';
import type { Stage, Step } from './compile.ts';
import { functionsFor, type Place } from './functions.ts';
import type { FinalizersSpec } from './stage-object.ts';

/** One thing a stage does to its object. */
export type Effect =
  | { readonly do: 'tell'; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }
  | { readonly do: 'patch'; readonly patch: Patch; readonly subresource: string | undefined }
  | { readonly do: 'delete' };

interface Staged {
  readonly metadata: { readonly finalizers?: readonly string[] };
}

/** What a stage does to an object, in order. Pure. Throws when a template cannot be carried out or yields no YAML. */
export function effectsOf(stage: Stage, object: Staged, place: Place): Effect[] {
  return stage.steps.flatMap((step) => effectOf(step, stage, object, place) ?? []);
}

function effectOf(step: Step, { kind }: Stage, object: Staged, place: Place): Effect | undefined {
  switch (step.do) {
    case 'event':
      return {
        do: 'tell',
        type: step.type,
        reason: step.reason,
        message: step.message.run(object, functionsFor(kind, place)),
      };
    case 'finalizers': {
      const patch = finalizersPatch(object.metadata.finalizers ?? [], step.change);
      return patch && { do: 'patch', patch, subresource: undefined };
    }
    case 'delete':
      return { do: 'delete' };
    case 'patch': {
      const rendered = parseYaml(step.template.run(object, functionsFor(kind, place))).value;
      return { do: 'patch', patch: { type: step.type, body: rooted(step, rendered) }, subresource: step.subresource };
    }
  }
}

function rooted({ type, root }: Extract<Step, { do: 'patch' }>, body: unknown): unknown {
  if (!root) return body;
  if (type !== 'json') return { [root]: body };
  return (body as { path: string }[]).map((operation) => ({ ...operation, path: `/${root}${operation.path}` }));
}

/** A merge patch with the finalizers as they are to be; undefined when they are so already. */
function finalizersPatch(
  before: readonly string[],
  { add = [], remove = [], empty }: FinalizersSpec,
): Patch | undefined {
  const gone = new Set(remove.map(({ value }) => value));
  const kept = empty ? [] : before.filter((name) => !gone.has(name));
  const after = [...new Set([...kept, ...add.map(({ value = '' }) => value)])];
  if (after.length === before.length && after.every((name, i) => name === before[i])) return undefined;
  return { type: 'merge', body: { metadata: { finalizers: after } } };
}
