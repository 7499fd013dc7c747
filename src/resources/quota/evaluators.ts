import { claimEvaluator } from './claim-evaluator.ts';
import { deviceEvaluator } from './device-evaluator.ts';
import { countName, type DeviceFacts, type Evaluator } from './evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';
import { one, type Usage } from './usage.ts';

/** Counts objects, under their old name too where there is one. */
function counter(resource: string, alias?: string): Evaluator {
  const names = [countName(resource), ...(alias === undefined ? [] : [alias])];
  const usage: Usage = new Map(names.map((name) => [name, one]));
  return {
    resource,
    measures: (name) => names.includes(name),
    varies: false,
    charges: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    usage: () => usage,
  };
}

/** Kinds of which quotas limit more than `count/…`. Source: pkg/quota/v1/evaluator/core/registry.go. */
const special = new Map(
  [
    podEvaluator,
    serviceEvaluator,
    claimEvaluator,
    ...['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'].map((name) => counter(name, name)),
  ].map((evaluator) => [evaluator.resource, evaluator]),
);

/** Come and go by themselves. Source: pkg/quota/v1/install, DefaultIgnoredResources. */
const ignored: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

/** Nothing is known of devices. */
const noFacts: DeviceFacts = { resourceOf: () => undefined, standsFor: () => false, pod: () => undefined };

/** Who knows what objects of a resource ("deployments.apps") use; undefined where nobody counts. */
export function evaluatorOf(resource: string, facts = noFacts): Evaluator | undefined {
  if (ignored.has(resource)) return undefined;
  const devices = deviceEvaluator(facts);
  return resource === devices.resource ? devices : (special.get(resource) ?? counter(resource));
}

/** Everybody who measures one of these names, each once. */
export function evaluatorsOf(names: readonly string[], facts = noFacts): Evaluator[] {
  const all = [...special.values(), deviceEvaluator(facts)];
  const found = all.filter((evaluator) => names.some((name) => evaluator.measures(name)));
  for (const name of names) {
    const resource = name.startsWith('count/') ? name.slice('count/'.length) : '';
    if (!resource || all.some((evaluator) => evaluator.resource === resource)) continue;
    const evaluator = evaluatorOf(resource);
    if (evaluator) found.push(evaluator);
  }
  return found;
}
