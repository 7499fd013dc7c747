import type { Check, CheckPod } from '../check.ts';
import { plural, quoted } from '../pod-parts.ts';

const check: CheckPod = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath).map(({ name }) => name);
  return bad.length === 0
    ? undefined
    : { reason: 'hostPath volumes', detail: `${plural(bad.length, 'volume')} ${quoted(bad)}` };
};

/** Folders of the host are not mounted. Restricted: `volumes[*].hostPath`. Allowed: nothing. */
export const hostPathVolumes: Check = { id: 'hostPathVolumes', level: 'baseline', versions: [{ since: 0, check }] };
