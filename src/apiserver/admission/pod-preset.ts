import { isDeepStrictEqual } from 'node:util';
import { groupResource, type Mutable, thaw } from '../../api/object.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import type { Container, EnvVar, Pod, PodSpec, Volume, VolumeMount } from '../../api/types/core-v1.gen.ts';
import type { PodPreset } from '../../api/types/settings-v1alpha1.gen.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

/** What it works by: without the kind there is nothing to do. */
export const podPresets = { group: 'settings.k8s.io', version: 'v1alpha1', resource: 'podpresets' };
const resource = groupResource(podPresets);
const prefix = 'podpreset.admission.kubernetes.io';
const exclude = `${prefix}/exclude`;
const mirror = 'kubernetes.io/config.mirror';

/**
 * Puts into new pods what the PodPresets that select them say: all of it, or nothing where two of them, or a preset and
 * the pod, say different things of the same name. The pod is made in any case.
 * Source: kubernetes 1.19 `plugin/pkg/admission/podpreset`.
 */
export function podPreset(store: Store): AdmissionPlugin {
  return {
    name: 'PodPreset',
    operations: new Set(['CREATE']),
    resources: new Set(['pods']),
    mutate: ({ subresource, object, namespace, name, warn }) => {
      if (subresource || !object || store.count(resource, namespace) === 0) return;
      const pod = object as unknown as Mutable<Pod>;
      const annotations = pod.metadata?.annotations;
      if (!pod.spec || annotations?.[exclude] === 'true' || annotations?.[mirror] !== undefined) return;
      const presets = store
        .list(resource, { namespace })
        .entries.map((entry) => entry.object as unknown as PodPreset)
        .filter(({ spec }) => labelSelectorOf(spec?.selector).matches(pod.metadata?.labels));
      if (presets.length === 0) return;
      const merge = new Merge(presets);
      const spec = merge.pod(pod.spec);
      if (merge.conflicts.length > 0) {
        const names = presets.map((preset) => preset.metadata?.name).join(',');
        warn(
          `conflict occurred while applying podpresets: ${names} on pod: ${name} err: ${merge.conflicts.join(', ')}`,
        );
        return;
      }
      Object.assign(pod.spec, spec);
      const applied = presets.map(({ metadata }) => [
        `${prefix}/podpreset-${metadata?.name}`,
        metadata?.resourceVersion ?? '',
      ]);
      object.metadata.annotations = { ...annotations, ...Object.fromEntries(applied) };
    },
  };
}

type Parts = Pick<PodSpec, 'volumes' | 'containers' | 'initContainers'>;

/** One attempt to merge presets into a pod: the new parts, and what stood against it. */
class Merge {
  readonly conflicts: string[] = [];
  readonly #presets: readonly PodPreset[];

  constructor(presets: readonly PodPreset[]) {
    this.#presets = presets;
  }

  /** The changed parts of a pod spec; what comes from the presets is copied. */
  pod(spec: PodSpec): Mutable<Partial<Parts>> {
    const volumes = this.#keyed<Volume>('volumes', spec.volumes, (p) => p.spec?.volumes, ['name']);
    const changed: Partial<Parts> = {
      ...(volumes.length > 0 && { volumes }),
      containers: spec.containers.map((container) => this.#container(container)),
      ...(spec.initContainers && {
        initContainers: spec.initContainers.map((container) => this.#container(container)),
      }),
    };
    return thaw(changed) as Mutable<Partial<Parts>>;
  }

  #container(container: Container): Container {
    const env = this.#keyed<EnvVar>('env', container.env, (p) => p.spec?.env, ['name']);
    const mounts = this.#keyed<VolumeMount>('volume mounts', container.volumeMounts, (p) => p.spec?.volumeMounts, [
      'name',
      'mountPath',
    ]);
    const envFrom = [...(container.envFrom ?? []), ...this.#presets.flatMap((p) => p.spec?.envFrom ?? [])];
    return {
      ...container,
      ...(env.length > 0 && { env }),
      ...(mounts.length > 0 && { volumeMounts: mounts }),
      ...(envFrom.length > 0 && { envFrom }),
    };
  }

  /** A list of the pod's with what the presets add. The same thing twice is one; of two things with one key none is right. */
  #keyed<T>(
    what: string,
    own: readonly T[] | undefined,
    added: (preset: PodPreset) => readonly T[] | undefined,
    keys: readonly (keyof T)[],
  ): T[] {
    const merged = [...(own ?? [])];
    for (const preset of this.#presets) {
      for (const item of added(preset) ?? []) {
        const rivals = merged.filter((other) => keys.some((key) => other[key] === item[key]));
        if (rivals.length === 0) merged.push(item);
        for (const rival of rivals)
          if (!isDeepStrictEqual(rival, item)) this.#conflict(what, preset, item, rival, keys);
      }
    }
    return merged;
  }

  #conflict<T>(what: string, preset: PodPreset, item: T, rival: T, keys: readonly (keyof T)[]): void {
    const key = keys.find((name) => rival[name] === item[name])!;
    const where = what === 'volumes' ? 'in pod spec' : 'in container';
    this.conflicts.push(
      `merging ${what} for ${preset.metadata?.name} has a conflict on ${String(item[key])}: ${JSON.stringify(item)} does not match ${JSON.stringify(rival)} ${where}`,
    );
  }
}
