import type { Ids } from '../../../src/base/ids.ts';

/** A call of the API; `merge` and `strategic` say what kind of patch the body is. */
export interface Edit {
  readonly what: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

/** The objects of a chaos run by their numbers; namespaces have some each. */
export interface Field {
  readonly deployments: number;
  readonly statefulSets: number;
  readonly namespaces: number;
  readonly maxReplicas: number;
}

const container = (image: number) => ({
  name: 'app',
  image: `app:${image}`,
  resources: { requests: { cpu: '10m', memory: '16Mi' } },
});

const template = (app: string, image: number) => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 0, containers: [container(image)] },
});

const namespaceOf = (n: number, { namespaces }: Field): string => `chaos-${n % namespaces}`;

/** Where objects of a kind live. */
const apps = (namespace: string, resource: string, name = ''): string =>
  `/apis/apps/v1/namespaces/${namespace}/${resource}${name && `/${name}`}`;

function newDeployment(n: number, replicas: number, field: Field): Edit {
  const app = `web-${n}`;
  const spec = { replicas, selector: { matchLabels: { app } }, template: template(app, 1) };
  return {
    what: 'create a deployment',
    method: 'POST',
    path: apps(namespaceOf(n, field), 'deployments'),
    body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app }, spec },
  };
}

/** Of all nodes, since nodes go for good here; they come and go with the pods. */
const claims = {
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
    },
  ],
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
};

function newStatefulSet(n: number, replicas: number, field: Field): Edit {
  const app = `db-${n}`;
  const spec = {
    replicas,
    serviceName: app,
    podManagementPolicy: n % 2 === 0 ? 'Parallel' : 'OrderedReady',
    selector: { matchLabels: { app } },
    template: template(app, 1),
    ...(n % 3 === 0 && claims),
  };
  return {
    what: 'create a stateful set',
    method: 'POST',
    path: apps(namespaceOf(n, field), 'statefulsets'),
    body: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: app }, spec },
  };
}

/** What there is at first: namespaces, workloads, and a Service for each tenth deployment. */
export function firstEdits(field: Field, dice: Ids): Edit[] {
  const replicas = () => 1 + Math.floor(dice.random() * field.maxReplicas);
  const edits: Edit[] = [];
  for (let n = 0; n < field.namespaces; n++)
    edits.push({
      what: 'create a namespace',
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `chaos-${n}` } },
    });
  for (let n = 0; n < field.deployments; n++) edits.push(newDeployment(n, replicas(), field));
  for (let n = 0; n < field.statefulSets; n++) edits.push(newStatefulSet(n, replicas(), field));
  for (let n = 0; n < field.deployments; n += 10)
    edits.push({
      what: 'create a service',
      method: 'POST',
      path: `/api/v1/namespaces/${namespaceOf(n, field)}/services`,
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `web-${n}` },
        spec: { selector: { app: `web-${n}` }, ports: [{ port: 80 }] },
      },
    });
  return edits;
}

interface Choice {
  /** How often it is taken, beside the others. */
  readonly weight: number;
  edit(dice: Ids, field: Field): Edit;
}

const pick = (dice: Ids, count: number): number => Math.floor(dice.random() * count);

function patched(what: string, resource: 'deployments' | 'statefulsets', body: (dice: Ids, field: Field) => object) {
  return (dice: Ids, field: Field): Edit => {
    const n = pick(dice, resource === 'deployments' ? field.deployments : field.statefulSets);
    const name = resource === 'deployments' ? `web-${n}` : `db-${n}`;
    return { what, method: 'PATCH', path: apps(namespaceOf(n, field), resource, name), body: body(dice, field) };
  };
}

const scaled = (dice: Ids, field: Field) => ({ spec: { replicas: pick(dice, field.maxReplicas + 1) } });
const newImage = (dice: Ids) => ({ spec: { template: { spec: { containers: [container(pick(dice, 6))] } } } });

/** `orphan`: what it owned stays, to be adopted by the one that is made next under the name. */
const removed = (resource: 'deployments' | 'statefulsets', policy: 'Background' | 'Foreground' | 'Orphan') => {
  return (dice: Ids, field: Field): Edit => {
    const n = pick(dice, resource === 'deployments' ? field.deployments : field.statefulSets);
    const name = resource === 'deployments' ? `web-${n}` : `db-${n}`;
    return {
      what: `delete ${resource} (${policy})`,
      method: 'DELETE',
      path: apps(namespaceOf(n, field), resource, name),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: policy },
    };
  };
};

const strategies = [
  { type: 'Recreate', rollingUpdate: null },
  { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: '25%' } },
];

/** Every kind of edit. All are merge patches, creations or deletions that a user could make. */
const choices: readonly Choice[] = [
  { weight: 30, edit: patched('scale a deployment', 'deployments', scaled) },
  { weight: 30, edit: patched('change a deployment', 'deployments', newImage) },
  { weight: 5, edit: patched('pause a deployment', 'deployments', () => ({ spec: { paused: true } })) },
  { weight: 5, edit: patched('resume a deployment', 'deployments', () => ({ spec: { paused: false } })) },
  {
    weight: 5,
    edit: patched('another strategy', 'deployments', (dice) => ({ spec: { strategy: strategies[pick(dice, 3)] } })),
  },
  { weight: 3, edit: removed('deployments', 'Background') },
  { weight: 2, edit: removed('deployments', 'Foreground') },
  { weight: 2, edit: removed('deployments', 'Orphan') },
  { weight: 8, edit: (dice, field) => newDeployment(pick(dice, field.deployments), 3, field) },
  { weight: 6, edit: patched('scale a stateful set', 'statefulsets', scaled) },
  { weight: 6, edit: patched('change a stateful set', 'statefulsets', newImage) },
  { weight: 1, edit: removed('statefulsets', 'Background') },
  { weight: 1, edit: removed('statefulsets', 'Orphan') },
  { weight: 3, edit: (dice, field) => newStatefulSet(pick(dice, field.statefulSets), 2, field) },
  {
    weight: 3,
    edit: (dice, field) => ({
      what: 'delete all pods of an app',
      method: 'DELETE',
      path: `/api/v1/namespaces/chaos-${pick(dice, field.namespaces)}/pods?labelSelector=app%3Dweb-${pick(dice, field.deployments)}`,
    }),
  },
];

const total = choices.reduce((sum, { weight }) => sum + weight, 0);

/** The next edit, by chance. It may well be refused: what it is about may not be there. */
export function nextEdit(field: Field, dice: Ids): Edit {
  let at = dice.random() * total;
  for (const { weight, edit } of choices) if ((at -= weight) < 0) return edit(dice, field);
  return choices[0]!.edit(dice, field);
}

/** Ends what would never come to rest: paused rollouts go on. */
export function lastEdits(field: Field): Edit[] {
  return Array.from({ length: field.deployments }, (_, n) => ({
    what: 'resume a deployment',
    method: 'PATCH',
    path: apps(namespaceOf(n, field), 'deployments', `web-${n}`),
    body: { spec: { paused: false } },
  }));
}
