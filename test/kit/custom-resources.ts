import type { KubeObject } from '../../src/api/object.ts';
import type { TestApi } from './api-server.ts';

/** A CustomResourceDefinition as tests write it: the parts that matter, the rest filled in. */
export interface DefinitionSketch {
  readonly plural?: string;
  readonly kind?: string;
  readonly group?: string;
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly names?: object;
  readonly conversion?: object;
  readonly annotations?: Record<string, string>;
  readonly versions?: readonly object[];
  /** Of the only version, where `versions` gives none. */
  readonly schema?: object;
  readonly version?: object;
}

export const openSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export function definition(sketch: DefinitionSketch = {}) {
  const { plural = 'crontabs', kind = 'CronTab', group = 'stable.example.com', scope = 'Namespaced' } = sketch;
  const only = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: sketch.schema ?? openSchema },
    ...sketch.version,
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(sketch.annotations && { annotations: sketch.annotations }) },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, ...sketch.names },
      versions: sketch.versions ?? [only],
      conversion: sketch.conversion ?? { strategy: 'None' },
    },
  };
}

export const definitions = 'apiextensions.k8s.io/v1/customresourcedefinitions';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A condition of a definition. */
export const conditionOf = (crd: KubeObject, type: string): Condition | undefined =>
  (crd['status'] as { conditions?: Condition[] } | undefined)?.conditions?.find((c) => c.type === type);

/** Creates a definition and waits until its status says that it is served. */
export async function define(api: TestApi, sketch: DefinitionSketch = {}): Promise<KubeObject> {
  const object = definition(sketch);
  await api.call('create', definitions, { namespace: '', object });
  return await untilDefinition(api, object.metadata.name, (crd) => conditionOf(crd, 'Established')?.status === 'True');
}

/** Resolves with a definition when it is as asked; with its last state when it is gone. */
export async function untilDefinition(
  api: TestApi,
  name: string,
  holds: (crd: KubeObject) => boolean,
): Promise<KubeObject> {
  const log = await api.watch(definitions, { fieldSelector: `metadata.name=${name}` }, { namespace: '' });
  try {
    for (let count = 1; ; count++) {
      const event = (await log.until(count))[count - 1];
      if (!event || event.type === 'DELETED' || holds(event.object)) return event!.object;
    }
  } finally {
    log.close();
  }
}

/** A custom resource of the usual kind. */
export const cronTab = (name: string, rest: object = {}, version = 'v1') => ({
  apiVersion: `stable.example.com/${version}`,
  kind: 'CronTab',
  metadata: { name },
  ...rest,
});

export const cronTabs = 'stable.example.com/v1/crontabs';
