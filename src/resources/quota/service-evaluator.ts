import type { KubeObject } from '../../api/object.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import { countName, type Evaluator } from './evaluator.ts';
import { one, type Usage, whole } from './usage.ts';

/** What services use. Source: pkg/quota/v1/evaluator/core/services.go. */

const resource = 'services';
const nodePorts = 'services.nodeports';
const loadBalancers = 'services.loadbalancers';
const names = new Set([countName(resource), resource, nodePorts, loadBalancers]);

/** Ports that nodes keep free for it, also where they have not been handed out yet. */
function portsOnNodes({ spec }: Service): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return ports.length;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort).length : ports.length;
}

function usage(service: Service): Usage {
  return new Map([
    [countName(resource), one],
    [resource, one],
    [nodePorts, whole(portsOnNodes(service))],
    [loadBalancers, whole(service.spec?.type === 'LoadBalancer' ? 1 : 0)],
  ]);
}

export const serviceEvaluator: Evaluator = {
  resource,
  measures: (name) => names.has(name),
  varies: true,
  charges: ({ subresource }) => subresource === '',
  usage: (object: KubeObject) => usage(object as unknown as Service),
};
