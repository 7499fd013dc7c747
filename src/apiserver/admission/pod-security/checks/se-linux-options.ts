import type { SELinuxOptions } from '../../../../api/types/core-v1.gen.ts';
import type { Check, CheckPod } from '../check.ts';
import { containersOf, containersWhose, plural, quoted, setters, sorted } from '../pod-parts.ts';

const first = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const checkTypes = (allowed: ReadonlySet<string>): CheckPod => {
  const isBadType = ({ type = '' }: SELinuxOptions) => !allowed.has(type);
  const isBad = (options: SELinuxOptions) => isBadType(options) || !!options.user || !!options.role;
  return ({ spec }) => {
    const ofPod = spec.securityContext?.seLinuxOptions;
    const who = setters(
      !!ofPod && isBad(ofPod),
      containersWhose(spec, ({ seLinuxOptions: options }) => !!options && isBad(options)),
    );
    if (who === '') return undefined;
    const all = [ofPod, ...containersOf(spec).map((c) => c.securityContext?.seLinuxOptions)].filter((o) => !!o);
    const types = sorted(all.filter(isBadType).map(({ type = '' }) => type));
    const what: string[] = [];
    if (types.length > 0) what.push(`${plural(types.length, 'type')} ${quoted(types)}`);
    if (all.some(({ user }) => user)) what.push('user may not be set');
    if (all.some(({ role }) => role)) what.push('role may not be set');
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
};

/**
 * Labels of SELinux are those of containers.
 * Restricted: `securityContext.seLinuxOptions` of the pod and every container. Allowed: as `type` those above, from 1.31
 * on `container_engine_t`, too; as `user` and `role` nothing.
 */
export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: checkTypes(new Set(first)) },
    { since: 31, check: checkTypes(new Set([...first, 'container_engine_t'])) },
  ],
};
