import { type LabelSelector, labelsAsSelector } from '../../src/api/selector.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Transport } from '../../src/client/call.ts';
import { createClient } from '../../src/client/client.ts';
import { Informers } from '../../src/client/informers.ts';
import { plugins as descriptors } from '../../src/scheduler/plugins/index.ts';
import { NodeTable } from '../../src/scheduler/state/node-table.ts';
import type { World } from '../../src/scheduler/state/world.ts';
import * as shapes from './shapes.ts';

/** There is nothing but pods and nodes: no cache is ever filled. */
const nowhere = {} as Transport;
const env = { clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
export const plugins = descriptors.map((descriptor) =>
  descriptor.build({ ...env, client: createClient(nowhere), informers: new Informers(nowhere, env) }),
);

export type NodeGroup = shapes.NodeShape & { readonly count: number };

/** The namespaces of scheduler_perf, and a Service over the pods with some labels. */
export function worldOf(service: Readonly<Record<string, string>> | undefined): World {
  const devops = (namespace: string) => ({ 'kubernetes.io/metadata.name': namespace, team: 'devops' });
  const names = ['measure-ns-0', ...Array.from({ length: 100 }, (_, n) => `init-ns-${n}`)];
  const selector = service && labelsAsSelector(service);
  return {
    spreadSelector: ({ labels }) => (selector?.matches(labels) ? selector : undefined),
    namespacesVersion: 1,
    namespaceLabels: (name) => (names.includes(name) ? devops(name) : {}),
    namespacesMatching: (wanted: LabelSelector) => names.filter((name) => wanted.matches(devops(name))),
    violations: () => () => false,
    budgetsVersion: 1,
  };
}

export function tableOf(groups: readonly NodeGroup[]): NodeTable {
  const table = new NodeTable();
  let n = 0;
  for (const { count, ...shape } of groups) {
    for (const end = n + count; n < end; n++) table.setNode(shapes.nodeOf(`n${n}`, n, shape));
  }
  return table;
}
