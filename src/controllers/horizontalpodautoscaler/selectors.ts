import type { LabelSelector } from '../../api/selector.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Which pods each autoscaler was last seen to be about, so that no two of them pull at the same. */
export class Selectors {
  readonly #byNamespace = new Map<string, Map<string, LabelSelector>>();

  set(namespace: string, name: string, selector: LabelSelector): void {
    let own = this.#byNamespace.get(namespace);
    if (!own) this.#byNamespace.set(namespace, (own = new Map()));
    own.set(name, selector);
  }

  delete(namespace: string, name: string): void {
    const own = this.#byNamespace.get(namespace);
    own?.delete(name);
    if (own?.size === 0) this.#byNamespace.delete(namespace);
  }

  /** "namespace/name" of all autoscalers about one of these pods, which `selector` selects, in order. */
  sharing(namespace: string, selector: LabelSelector, pods: readonly Pod[]): string[] {
    const names: string[] = [];
    for (const [name, other] of this.#byNamespace.get(namespace) ?? []) {
      if (disjoint(selector, other)) continue;
      if (pods.some(({ metadata }) => other.matches(metadata.labels))) names.push(`${namespace}/${name}`);
    }
    return names.sort();
  }
}

/** Whether two selectors demand different values of one label: then no pod need be looked at. */
const disjoint = (a: LabelSelector, b: LabelSelector): boolean =>
  a.requirements.some(({ key }) => {
    const [one, other] = [a.exactValue(key), b.exactValue(key)];
    return one !== undefined && other !== undefined && one !== other;
  });
