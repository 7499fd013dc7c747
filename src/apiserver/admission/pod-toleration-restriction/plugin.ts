import type { Mutable } from '../../../api/object.ts';
import { notFound } from '../../../api/status.ts';
import type { Pod, Toleration } from '../../../api/types/core-v1.gen.ts';
import { jsonValue } from '../../../base/json-value.ts';
import { qosClass } from '../../../resources/rules/pod-resources.ts';
import { includesToleration, mergeTolerations } from '../../../resources/rules/tolerations.ts';
import type { Store } from '../../../store/store.ts';
import { plainRefusal } from '../../plain-refusal.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { type ClusterTolerations, noTolerations } from './configuration.ts';
import { tolerationList } from './toleration-list.ts';

const defaults = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const whitelist = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const namespaces = { group: '', resource: 'namespaces' };

/** Who asks for something is not driven off by nodes that run short of memory. */
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/**
 * Pods get the tolerations of their namespace, and have no others than it allows.
 * Source: plugin/pkg/admission/podtolerationrestriction.
 */
export function podTolerationRestriction(store: Store, config: ClusterTolerations = noTolerations): AdmissionPlugin {
  return {
    name: 'PodTolerationRestriction',
    operations: new Set(['CREATE', 'UPDATE']),
    resources: new Set(['pods']),
    mutate: (request) => {
      const spec = specOf(request);
      if (!spec) return;
      const extra =
        request.operation === 'CREATE'
          ? [...(tolerationsOf(store, request.namespace, defaults) ?? config.default)]
          : [];
      if (qosClass(spec) !== 'BestEffort') extra.push(memoryPressure);
      if (extra.length > 0) spec.tolerations = mergeTolerations(spec.tolerations ?? [], extra);
      refuseUnlisted(store, config, request);
    },
    validate: (request) => refuseUnlisted(store, config, request),
  };
}

const specOf = ({ subresource, object }: AdmissionRequest) =>
  subresource ? undefined : (object as unknown as Mutable<Pod> | undefined)?.spec;

function refuseUnlisted(store: Store, config: ClusterTolerations, request: AdmissionRequest): void {
  const own = specOf(request)?.tolerations ?? [];
  if (own.length === 0) return;
  const listed = tolerationsOf(store, request.namespace, whitelist) ?? config.whitelist;
  if (listed.length === 0 || own.every((one) => listed.some((allowed) => includesToleration(allowed, one)))) return;
  throw plainRefusal(
    'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
  );
}

/** What an annotation of the namespace says; undefined where there is none. */
function tolerationsOf(store: Store, namespace: string, annotation: string): readonly Toleration[] | undefined {
  const head = store.head({ resource: 'namespaces', namespace: '', name: namespace });
  if (!head) throw notFound(namespaces, namespace);
  const text = head.object.metadata.annotations?.[annotation];
  if (text === undefined || text === '') return text === '' ? [] : undefined;
  const list = jsonValue(text);
  if (list === null) return undefined;
  const read = tolerationList(list);
  if (read) return read;
  throw plainRefusal(
    `the annotation ${annotation} of the namespace is no list of tolerations: ${JSON.stringify(text)}`,
  );
}
