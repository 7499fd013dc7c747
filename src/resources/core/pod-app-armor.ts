import { FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { AppArmorProfile, Pod, PodSpec } from '../../api/types/core-v1.gen.ts';
import type { WriteContext } from '../resource.ts';
import { everyContainer } from '../rules/every-container.ts';
import { appArmorPrefix } from '../rules/pod-annotations.ts';

/**
 * AppArmor profiles were annotations before they were fields, and kubelets of either age must find them: what is said in
 * one place of a new pod is said in the other too. Source: pod strategy, applyAppArmorVersionSkew.
 */

const local = 'localhost/';
const annotations = FieldPath.of('metadata', 'annotations');
const deprecated = 'deprecated since v1.30; use the "appArmorProfile" field instead';

function annotationOf(profile: AppArmorProfile | undefined): string | undefined {
  if (profile?.type === 'Unconfined') return 'unconfined';
  if (profile?.type === 'RuntimeDefault') return 'runtime/default';
  return profile?.type === 'Localhost' && profile.localhostProfile ? local + profile.localhostProfile : undefined;
}

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const localhostProfile = annotation.startsWith(local) ? annotation.slice(local.length) : '';
  return localhostProfile ? { type: 'Localhost', localhostProfile } : undefined;
}

export function alignAppArmor(pod: Mutable<Pod>, { warn }: WriteContext): void {
  const spec = pod.spec as PodSpec;
  if (spec.os?.name === 'windows') return;
  const whole = spec.securityContext?.appArmorProfile;
  for (const { container: found } of everyContainer(spec, annotations)) {
    const container = found as Mutable<typeof found>;
    const key = appArmorPrefix + container.name;
    const annotation = pod.metadata.annotations?.[key];
    const own = container.securityContext?.appArmorProfile as AppArmorProfile | undefined;
    if (annotation === undefined) {
      const text = annotationOf(own ?? whole);
      if (text) pod.metadata.annotations = { ...pod.metadata.annotations, [key]: text };
    } else if (!own) {
      const profile = profileOf(annotation);
      if (profile && sameValue(profile, whole)) continue;
      if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
      warn?.(`${annotations.key(key)}: ${deprecated}`);
    }
  }
}
