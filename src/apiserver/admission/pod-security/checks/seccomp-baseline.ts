import type { PodSpec, SeccompProfile } from '../../../../api/types/core-v1.gen.ts';
import { seccompKey, seccompPrefix } from '../../../../resources/rules/pod-annotations.ts';
import type { Check, CheckPod, Finding } from '../check.ts';
import { containersOf, containersWhose, plural, quoted, setters, sorted } from '../pod-parts.ts';

const reason = 'seccompProfile';
const allowed: ReadonlySet<string> = new Set(['Localhost', 'RuntimeDefault']);

const isAllowedAnnotation = (value: string) =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

const isBad = ({ seccompProfile: profile }: { readonly seccompProfile?: SeccompProfile }): boolean =>
  !!profile && !allowed.has(profile.type);

/** Whoever sets a profile that lets everything pass. */
export function unconfined(spec: PodSpec): Finding | undefined {
  const pod = !!spec.securityContext && isBad(spec.securityContext);
  const who = setters(pod, containersWhose(spec, isBad));
  if (who === '') return undefined;
  const types = [spec.securityContext, ...containersOf(spec).map((c) => c.securityContext)]
    .filter((context) => !!context && isBad(context))
    .map((context) => context!.seccompProfile!.type);
  return { reason, detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}` };
}

const checkAnnotations: CheckPod = ({ metadata, spec }) => {
  const annotations = metadata?.annotations ?? {};
  const keys = [seccompKey, ...containersOf(spec).map(({ name }) => seccompPrefix + name)];
  const bad = sorted(
    keys
      .filter((key) => Object.hasOwn(annotations, key) && !isAllowedAnnotation(annotations[key]!))
      .map((key) => `${key}=${JSON.stringify(annotations[key])}`),
  );
  return bad.length === 0
    ? undefined
    : { reason, detail: `forbidden ${plural(bad.length, 'annotation')} ${bad.join(', ')}` };
};

/**
 * Calls of the kernel are filtered, where anything is said of it at all.
 * Restricted before 1.19: the annotations `seccomp.security.alpha.kubernetes.io/pod` and
 * `container.seccomp.security.alpha.kubernetes.io/*`. Allowed: `runtime/default`, `docker/default`, `localhost/*`, nothing.
 * Restricted since: `securityContext.seccompProfile.type` of the pod and every container. Allowed: RuntimeDefault,
 * Localhost, nothing.
 */
export const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: checkAnnotations },
    { since: 19, check: ({ spec }) => unconfined(spec) },
  ],
};
