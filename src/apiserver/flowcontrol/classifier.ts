import { flowSchemas, priorityLevelConfigurations } from '../../api/kinds.gen.ts';
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
} from '../../api/types/flowcontrol-v1.gen.ts';
import type { UserInfo } from '../../client/call.ts';
import type { Store } from '../../store/store.ts';
import type { RequestInfo } from '../request-info.ts';
import { flowOrder, type SchemaAndLevel } from './flow-order.ts';
import { isSubject, ruleMatches } from './matching.ts';

/** UIDs of the flow schema a request belongs to and of its priority level; "" for one that is not stored. */
export interface Flow {
  readonly schema: string;
  readonly level: string;
}

/** A flow schema as one user sees it: only the rules that have the user among their subjects. */
interface Candidate {
  readonly flow: Flow;
  readonly rules: readonly PolicyRulesWithSubjects[];
}

const [schemaStorage, levelStorage] = [flowSchemas, priorityLevelConfigurations].map(
  ({ group, resource }) => `${resource}.${group}`,
) as [string, string];

/** The resources whose changes change what belongs where. */
export const flowResources: readonly string[] = [schemaStorage, levelStorage];

/** What is stored of flow schemas and priority levels. */
export function storedFlows(store: Store): { schemas: FlowSchema[]; levels: PriorityLevelConfiguration[] } {
  const all = <T>(resource: string) => store.list(resource).entries.map(({ object }) => object as unknown as T);
  return { schemas: all<FlowSchema>(schemaStorage), levels: all<PriorityLevelConfiguration>(levelStorage) };
}

/**
 * Tells which flow schema a request belongs to. What can be said of a user alone is kept with the user until a flow
 * schema or priority level changes, so that a request only runs through the few rules left.
 */
export class FlowClassifier {
  readonly #store: Store;
  readonly #watches: { close(): void }[];
  #order: readonly SchemaAndLevel[] | undefined;
  #candidates = new WeakMap<UserInfo, readonly Candidate[]>();

  constructor(store: Store) {
    this.#store = store;
    const drop = () => {
      this.#order = undefined;
      this.#candidates = new WeakMap();
    };
    this.#watches = flowResources.map((r) => store.watch(r, { after: store.revision }, { changes: drop, end: drop }));
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  /** The flow schema of a request; "catch-all" has what no other has. */
  classify(user: UserInfo, info: RequestInfo): Flow {
    let candidates = this.#candidates.get(user);
    if (!candidates) this.#candidates.set(user, (candidates = this.#candidatesOf(user)));
    for (const { flow, rules } of candidates) for (const rule of rules) if (ruleMatches(rule, info)) return flow;
    return candidates.at(-1)!.flow;
  }

  /** Never empty: who is in no group at all is still the catch-all's. */
  #candidatesOf(user: UserInfo): readonly Candidate[] {
    const order = (this.#order ??= this.#read());
    const found = order.flatMap((pair) => {
      const rules = (pair.schema.spec?.rules ?? []).filter((rule) => rule.subjects.some((s) => isSubject(user, s)));
      return rules.length > 0 ? [{ flow: flowOf(pair), rules }] : [];
    });
    const last = order.find(({ schema }) => schema.metadata.name === 'catch-all')!;
    return [...found, { flow: flowOf(last), rules: [] }];
  }

  #read(): readonly SchemaAndLevel[] {
    const { schemas, levels } = storedFlows(this.#store);
    return flowOrder(schemas, levels);
  }
}

const flowOf = ({ schema, level }: SchemaAndLevel): Flow => ({
  schema: schema.metadata.uid ?? '',
  level: level.metadata.uid ?? '',
});
