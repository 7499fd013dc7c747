import {
  namespaces,
  podDisruptionBudgets,
  replicaSets,
  replicationControllers,
  services,
  statefulSets,
} from '../../api/kinds.gen.ts';
import { LabelSelector, labelSelectorOf, labelsAsSelector, type Requirement } from '../../api/selector.ts';
import type { Namespace, Service } from '../../api/types/core-v1.gen.ts';
import type { PodDisruptionBudget } from '../../api/types/policy-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import type { PodInfo } from './pod-info.ts';
import type { World } from './world.ts';

/** The world as the shared informers show it. */
export class InformerWorld implements World {
  readonly #namespaces: Informer<Namespace>;
  readonly #services: Informer<Service>;
  #namespacesVersion = 0;
  #budgetsVersion = 0;
  readonly #budgets: Informer<PodDisruptionBudget>;
  /** Selectors of controllers by kind. */
  readonly #owners: Readonly<Record<string, (key: string) => LabelSelector | undefined>>;

  constructor(informers: Informers) {
    this.#namespaces = informers.of(namespaces);
    this.#namespaces.on(onChange(() => this.#namespacesVersion++));
    this.#services = informers.of(services);
    this.#budgets = informers.of(podDisruptionBudgets);
    this.#budgets.on(onChange(() => this.#budgetsVersion++));
    const [sets, stateful, controllers] = [
      informers.of(replicaSets),
      informers.of(statefulSets),
      informers.of(replicationControllers),
    ];
    this.#owners = {
      'apps/ReplicaSet': (key) => selectorOr(sets.get(key)?.spec?.selector),
      'apps/StatefulSet': (key) => selectorOr(stateful.get(key)?.spec?.selector),
      '/ReplicationController': (key) => labelsOr(controllers.get(key)?.spec?.selector),
    };
  }

  spreadSelector(pod: PodInfo): LabelSelector | undefined {
    const requirements: Requirement[] = [];
    for (const service of this.#services.list(pod.namespace)) {
      const selector = labelsOr(service.spec?.selector);
      if (selector?.matches(pod.labels)) requirements.push(...selector.requirements);
    }
    const owner = pod.pod.metadata?.ownerReferences?.find(({ controller }) => controller);
    if (owner) {
      const group = owner.apiVersion.includes('/') ? owner.apiVersion.slice(0, owner.apiVersion.indexOf('/')) : '';
      const selector = this.#owners[`${group}/${owner.kind}`]?.(`${pod.namespace}/${owner.name}`);
      requirements.push(...(selector?.requirements ?? []));
    }
    return requirements.length > 0 ? new LabelSelector(requirements) : undefined;
  }

  get namespacesVersion(): number {
    return this.#namespacesVersion;
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined {
    return this.#namespaces.get(namespace)?.metadata?.labels;
  }

  get budgetsVersion(): number {
    return this.#budgetsVersion;
  }

  violations(): (pod: PodInfo) => boolean {
    const left = new Map<PodDisruptionBudget, number>();
    return (pod) => {
      let violated = false;
      for (const budget of this.#budgets.list(pod.namespace)) {
        const { spec, status } = budget;
        const selector = spec?.selector && labelSelectorOf(spec.selector);
        if (!selector?.matches(pod.labels)) continue;
        // The API server has let it go already.
        if (Object.hasOwn(status?.disruptedPods ?? {}, pod.name)) continue;
        const allowed = (left.get(budget) ?? status?.disruptionsAllowed ?? 0) - 1;
        left.set(budget, allowed);
        if (allowed < 0) violated = true;
      }
      return violated;
    };
  }

  namespacesMatching(selector: LabelSelector): readonly string[] {
    const names: string[] = [];
    for (const { metadata } of this.#namespaces.values()) {
      if (selector.matches(metadata?.labels)) names.push(metadata?.name ?? '');
    }
    return names;
  }
}

const onChange = (tell: () => unknown) => ({ added: () => tell(), updated: () => tell(), deleted: () => tell() });

function selectorOr(selector: Parameters<typeof labelSelectorOf>[0]): LabelSelector | undefined {
  return selector ? labelSelectorOf(selector) : undefined;
}

function labelsOr(labels: Readonly<Record<string, string>> | undefined): LabelSelector | undefined {
  return labels && Object.keys(labels).length > 0 ? labelsAsSelector(labels) : undefined;
}
