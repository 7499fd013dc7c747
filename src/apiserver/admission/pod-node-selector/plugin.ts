import type { Mutable } from '../../../api/object.ts';
import { forbidden, notFound } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { Store } from '../../../store/store.ts';
import { plainRefusal } from '../../plain-refusal.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { clusterDefault, type NodeSelectors, noSelectors } from './configuration.ts';
import { type NodeSelector, parseNodeSelector } from './selector.ts';

/** What a namespace's pods must select, instead of the cluster's default. */
const annotation = 'scheduler.alpha.kubernetes.io/node-selector';
const namespaces = { group: '', resource: 'namespaces' };

/** Pods run on the nodes of their namespace. Source: plugin/pkg/admission/podnodeselector. */
export function podNodeSelector(store: Store, config: NodeSelectors = noSelectors): AdmissionPlugin {
  return {
    name: 'PodNodeSelector',
    operations: new Set(['CREATE']),
    resources: new Set(['pods']),
    mutate: (request) => {
      const spec = specOf(request);
      if (!spec) return;
      const wanted = wantedOf(store, config, request.namespace);
      refuseConflict(request, wanted, spec.nodeSelector ?? {});
      if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...wanted, ...spec.nodeSelector };
      refuseUnlisted(request, config, spec.nodeSelector ?? {});
    },
    validate: (request) => {
      const selector = specOf(request)?.nodeSelector ?? {};
      if (request.subresource) return;
      refuseConflict(request, wantedOf(store, config, request.namespace), selector);
      refuseUnlisted(request, config, selector);
    },
  };
}

const specOf = ({ subresource, object }: AdmissionRequest) =>
  subresource ? undefined : (object as unknown as Mutable<Pod> | undefined)?.spec;

function wantedOf(store: Store, config: NodeSelectors, namespace: string): NodeSelector {
  const head = store.head({ resource: 'namespaces', namespace: '', name: namespace });
  if (!head) throw notFound(namespaces, namespace);
  return selectorOf(head.object.metadata.annotations?.[annotation] ?? config[clusterDefault]);
}

function selectorOf(text = ''): NodeSelector {
  const { selector, problem } = parseNodeSelector(text);
  if (problem !== undefined) throw plainRefusal(problem);
  return selector;
}

function refuseConflict({ served, name }: AdmissionRequest, wanted: NodeSelector, own: NodeSelector): void {
  const conflicts = Object.keys(own).some((key) => Object.hasOwn(wanted, key) && wanted[key] !== own[key]);
  if (conflicts)
    throw forbidden(served, name, 'pod node label selector conflicts with its namespace node label selector');
}

function refuseUnlisted({ served, name, namespace }: AdmissionRequest, config: NodeSelectors, own: NodeSelector): void {
  const listed = selectorOf(config[namespace]);
  if (Object.keys(listed).length === 0) return;
  if (Object.entries(own).every(([key, value]) => Object.hasOwn(listed, key) && listed[key] === value)) return;
  throw forbidden(served, name, 'pod node label selector labels conflict with its namespace whitelist');
}
