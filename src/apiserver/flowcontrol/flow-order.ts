import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types/flowcontrol-v1.gen.ts';
import { bootstrapLevels, bootstrapSchemas } from '../../resources/flowcontrol/bootstrap.ts';
import { byPrecedence } from '../../resources/flowcontrol/precedence.ts';

/** A flow schema that counts, and the priority level it sends its requests to. */
export interface SchemaAndLevel {
  readonly schema: FlowSchema;
  readonly level: PriorityLevelConfiguration;
}

const mandatory = ['exempt', 'catch-all'] as const;

/** Those that are stored, and the shipped ones in the place of mandatory ones that are not (yet, or just now). */
function withMandatory<T extends FlowSchema | PriorityLevelConfiguration>(
  stored: readonly T[],
  shipped: readonly T[],
): Map<string, T> {
  const imagined = shipped.filter(({ metadata }) => mandatory.some((name) => name === metadata.name));
  return new Map([...imagined, ...stored].map((object) => [object.metadata.name!, object]));
}

/** The priority levels there are, mandatory ones always among them, by name. */
export const levelsByName = (stored: readonly PriorityLevelConfiguration[]): Map<string, PriorityLevelConfiguration> =>
  withMandatory(stored, bootstrapLevels);

/**
 * The flow schemas in the order in which a request is held against them. Those without a priority level do not count.
 * Source: apiserver `util/flowcontrol/apf_controller.go`, digestFlowSchemasLocked.
 */
export function flowOrder(
  storedSchemas: readonly FlowSchema[],
  storedLevels: readonly PriorityLevelConfiguration[],
): SchemaAndLevel[] {
  const levels = levelsByName(storedLevels);
  return [...withMandatory(storedSchemas, bootstrapSchemas).values()]
    .flatMap((schema) => {
      const level = levels.get(schema.spec?.priorityLevelConfiguration.name ?? '');
      return level ? [{ schema, level }] : [];
    })
    .sort(({ schema: a }, { schema: b }) => byPrecedence(a, b));
}
