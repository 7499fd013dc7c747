import { appArmorPrefix } from '../../../../resources/rules/pod-annotations.ts';
import type { Check, CheckPod } from '../check.ts';
import { containersOf, containersWhose, plural, quoted, setters, sorted } from '../pod-parts.ts';

const allowed: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

const isAllowedAnnotation = (value: string) =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const isBad = ({ appArmorProfile: profile }: { readonly appArmorProfile?: { readonly type: string } }): boolean =>
  !!profile && !allowed.has(profile.type);

const check: CheckPod = ({ metadata, spec }) => {
  const pod = !!spec.securityContext && isBad(spec.securityContext);
  const containers = containersWhose(spec, isBad);
  const annotations = Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = [setters(pod, containers), annotations.length > 0 ? plural(annotations.length, 'annotation') : '']
    .filter((text) => text !== '')
    .join(' and ');
  if (who === '') return undefined;
  const types = [spec.securityContext, ...containersOf(spec).map((c) => c.securityContext)]
    .filter((context) => !!context && isBad(context))
    .map((context) => context!.appArmorProfile!.type);
  const values = [...sorted(types), ...annotations];
  return {
    reason: plural(values.length, 'forbidden AppArmor profile'),
    detail: `${who} must not set AppArmor profile type to ${quoted(values)}`,
  };
};

/**
 * The profile that hosts apply on their own may be replaced, not switched off.
 * Restricted: the annotations `container.apparmor.security.beta.kubernetes.io/*`. Allowed: `runtime/default`,
 * `localhost/*`, nothing. And `securityContext.appArmorProfile.type` of the pod and every container. Allowed:
 * RuntimeDefault, Localhost, nothing.
 */
export const appArmorProfile: Check = { id: 'appArmorProfile', level: 'baseline', versions: [{ since: 0, check }] };
