import { flowSchemas } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { FlowSchema, FlowSchemaCondition } from '../../api/types/flowcontrol-v1.gen.ts';
import { type Clock, timestamp } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Transport } from '../../client/call.ts';
import { Reconciler } from '../../client/reconciler.ts';
import type { Store } from '../../store/store.ts';
import { flowResources, storedFlows } from './classifier.ts';
import { levelsByName } from './flow-order.ts';

export interface DanglingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API server's own calls; asked late, since it serves nothing before this is there. */
  readonly transport: () => Transport;
}

/** Source: apiserver `util/flowcontrol/apf_controller.go`. */
const fieldManager = 'api-priority-and-fairness-config-consumer-v1';
const type = 'Dangling';

type Verdict = Pick<FlowSchemaCondition, 'status' | 'reason' | 'message'>;

/** What the condition should say; undefined when it says so. */
export function danglingVerdict(
  { spec, status }: FlowSchema,
  levels: ReadonlyMap<string, unknown>,
): Verdict | undefined {
  const name = spec?.priorityLevelConfiguration.name ?? '';
  const object = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const wanted = levels.has(name)
    ? { status: 'False', reason: 'Found', message: `${object} and it exists` }
    : { status: 'True', reason: 'NotFound', message: `${object} but there is no such object` };
  const now = status?.conditions?.find((condition) => condition.type === type);
  const says = now?.status === wanted.status && now.reason === wanted.reason && now.message === wanted.message;
  return says ? undefined : wanted;
}

/** Keeps the condition of flow schemas that tells whether their priority level is there. */
export class DanglingConditions {
  readonly #options: DanglingOptions;
  readonly #scope: Scope;
  readonly #writer: Reconciler;
  readonly #watches: { close(): void }[];

  constructor(options: DanglingOptions) {
    const { store, clock, log } = options;
    this.#options = options;
    this.#scope = new Scope((task, error) => log.error('following flow schemas failed', { task, error }));
    this.#writer = new Reconciler({
      name: 'flow-schemas',
      clock,
      log,
      reconcile: ({ signal }) => this.#write(signal),
    });
    const look = () => this.#writer.add('all');
    this.#watches = flowResources.map((r) => store.watch(r, { after: store.revision }, { changes: look }));
    look();
    this.#scope.spawn('dangling', (signal) => this.#writer.run(signal));
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    await this.#scope.close();
  }

  /** One look at all: a level that comes or goes may concern any schema, and there are few. */
  async #write(signal: AbortSignal): Promise<void> {
    const { schemas, levels } = storedFlows(this.#options.store);
    const known = levelsByName(levels);
    const due = schemas.flatMap((schema) => {
      const verdict = danglingVerdict(schema, known);
      return verdict ? [{ name: schema.metadata.name!, verdict }] : [];
    });
    await Promise.all(due.map(({ name, verdict }) => this.#apply(name, verdict, signal)));
  }

  async #apply(name: string, verdict: Verdict, signal: AbortSignal): Promise<void> {
    const { group, version, resource, kind } = flowSchemas;
    const condition = { type, lastTransitionTime: timestamp(this.#options.clock.wall()), ...verdict };
    const body = { apiVersion: `${group}/${version}`, kind, metadata: { name }, status: { conditions: [condition] } };
    try {
      await this.#options.transport().call(
        {
          verb: 'patch',
          resource: { group, version, resource },
          name,
          subresource: 'status',
          patch: { type: 'apply', body },
          options: { fieldManager, force: true },
        },
        signal,
      );
    } catch (error) {
      // Deleted meanwhile.
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
