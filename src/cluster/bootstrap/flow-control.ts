import { parseBool } from '../../api/go-bool.ts';
import { flowSchemas, priorityLevelConfigurations } from '../../api/kinds.gen.ts';
import { type KubeObject, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { isStatus } from '../../api/status.ts';
import type {
  FlowSchema,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../../api/types/flowcontrol-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Call, ObjectList, Transport } from '../../client/call.ts';
import {
  autoUpdateAnnotation,
  bootstrapLevels,
  bootstrapSchemas,
  mandatoryLevels,
  mandatorySchemas,
} from '../../resources/flowcontrol/bootstrap.ts';
import { keepUp } from './keep.ts';

type FlowObject = FlowSchema | PriorityLevelConfiguration;

/** One write that brings what is stored in line with what is shipped. */
export type FlowChange =
  | { readonly verb: 'create' | 'update'; readonly object: FlowObject }
  | { readonly verb: 'delete'; readonly object: FlowObject };

/** What the annotation says; undefined when it says nothing that can be read. */
function annotated({ metadata }: FlowObject): boolean | undefined {
  const text = metadata.annotations?.[autoUpdateAnnotation];
  return text === undefined ? undefined : parseBool(text);
}

/** Whether the spec is the shipped one; the shares of the exempt level are its users' to set. */
function hasSpec(stored: FlowObject, shipped: FlowObject): boolean {
  if (shipped.kind !== 'PriorityLevelConfiguration' || stored.metadata.name !== 'exempt') {
    return sameValue(stored.spec, shipped.spec);
  }
  const { exempt, ...rest } = stored.spec as PriorityLevelConfigurationSpec;
  const { exempt: _, ...wanted } = shipped.spec as PriorityLevelConfigurationSpec;
  return exempt !== undefined && sameValue(rest, wanted);
}

/**
 * The object as it should be; undefined when it is. The spec of a mandatory one is always the shipped one. That of
 * another is, while its annotation says so, or while it says nothing and nobody has changed the spec yet; the annotation
 * then says which it is.
 */
function corrected(stored: FlowObject, shipped: FlowObject, isMandatory: boolean): FlowObject | undefined {
  const automatic = isMandatory || (annotated(stored) ?? stored.metadata.generation === 1);
  const otherSpec = automatic && !hasSpec(stored, shipped);
  if (!otherSpec && annotated(stored) === automatic) return undefined;
  const annotations = { ...stored.metadata.annotations, [autoUpdateAnnotation]: String(automatic) };
  return {
    ...stored,
    metadata: { ...stored.metadata, annotations },
    ...(otherSpec && { spec: shipped.spec }),
  } as FlowObject;
}

/** The writes that are due. Those that were once shipped and still are not their users' go. */
export function flowChanges(
  stored: readonly FlowObject[],
  shipped: readonly FlowObject[],
  mandatory: Readonly<Record<string, unknown>>,
): FlowChange[] {
  const byName = new Map(stored.map((object) => [object.metadata.name!, object]));
  const wanted = new Set(shipped.map(({ metadata }) => metadata.name!));
  const kept = shipped.flatMap((object): FlowChange[] => {
    const name = object.metadata.name!;
    const current = byName.get(name);
    if (!current) return [{ verb: 'create', object }];
    const next = corrected(current, object, Object.hasOwn(mandatory, name));
    return next ? [{ verb: 'update', object: next }] : [];
  });
  const gone = stored.filter((object) => !wanted.has(object.metadata.name!) && annotated(object) === true);
  return [...kept, ...gone.map((object): FlowChange => ({ verb: 'delete', object }))];
}

/** Source: pkg/registry/flowcontrol/ensurer. */
const fieldManager = 'api-priority-and-fairness-config-producer-v1';

const overtaken = ['Conflict', 'AlreadyExists', 'NotFound'] as const;

/** Makes sure of the flow schemas and priority levels of every cluster. All are written at once. */
export async function ensureFlowControl(transport: Transport): Promise<void> {
  await Promise.all([
    ensureKind(transport, flowSchemas, bootstrapSchemas, mandatorySchemas),
    ensureKind(transport, priorityLevelConfigurations, bootstrapLevels, mandatoryLevels),
  ]);
}

/** How often kube-apiserver looks after them. Source: pkg/registry/flowcontrol/rest. */
const intervalMs = 60_000;

/** Puts them back, until the signal aborts. */
export const keepFlowControl = (
  { transport, clock, log }: { readonly transport: Transport; readonly clock: Clock; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> => keepUp({ clock, log, intervalMs }, signal, () => ensureFlowControl(transport));

async function ensureKind(
  transport: Transport,
  { group, version, resource }: Call['resource'],
  shipped: readonly FlowObject[],
  mandatory: Readonly<Record<string, unknown>>,
): Promise<void> {
  const at = { resource: { group, version, resource } };
  const stored = (await transport.call({ verb: 'list', ...at })) as unknown as ObjectList<FlowObject>;
  await Promise.all(
    flowChanges(stored.items, shipped, mandatory).map(async (change) => {
      try {
        await transport.call({ ...at, ...callOf(change) });
      } catch (error) {
        // Somebody else wrote it meanwhile: the next round looks again.
        if (!overtaken.some((reason) => isStatus(error, reason))) throw error;
      }
    }),
  );
}

function callOf({ verb, object }: FlowChange): Pick<Call, 'verb' | 'name' | 'object' | 'options'> {
  const { name, resourceVersion } = object.metadata;
  if (verb === 'delete')
    return { verb, name: name!, options: { preconditions: { resourceVersion: resourceVersion! } } };
  return {
    verb,
    ...(verb === 'update' && { name: name! }),
    object: thaw(object as unknown as KubeObject),
    options: { fieldManager },
  };
}
