import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { ContainerStatus, Pod } from '../../api/types/core-v1.gen.ts';
import { address, bothFamilies, qualifiedName, subdomain, unchanged } from '../rules/check.ts';
import { podAnnotationUpdates } from '../rules/pod-annotations.ts';
import { keepSpec } from '../rules/status.ts';

/** The status of a pod, as kubelets report it. Source: podStatusStrategy and ValidatePodStatusUpdate. */

const status = FieldPath.of('status');
const metadata = FieldPath.of('metadata');
const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

/** Only the status changes here; not the owners, and not the deletion. */
export function prepareStatus(object: Mutable<Pod>, old: Pod): void {
  keepSpec(object, old);
  const now = object.metadata;
  if (old.metadata.ownerReferences) now.ownerReferences = old.metadata.ownerReferences as typeof now.ownerReferences;
  else delete now.ownerReferences;
  const next = (object.status ??= {});
  next.qosClass ??= old.status?.qosClass;
  if (next.qosClass === undefined) delete next.qosClass;
  if (next.podIP && !next.podIPs?.length) next.podIPs = [{ ip: next.podIP }];
  else if (next.podIPs?.length) next.podIP = next.podIPs[0]!.ip;
}

function finished(
  errors: ErrorList,
  path: FieldPath,
  now: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  mayRestart: (status: ContainerStatus) => boolean = () => false,
): void {
  for (const [i, before] of old.entries()) {
    if (!before.state?.terminated || mayRestart(before)) continue;
    if (now.some((after) => after.name === before.name && !after.state?.terminated)) {
      errors.forbidden(path.index(i).child('state'), 'may not be transitioned to non-terminated state');
    }
  }
}

function restarts(old: Pod): (status: ContainerStatus) => boolean {
  const containers = [...(old.spec?.containers ?? []), ...(old.spec?.initContainers ?? [])];
  return ({ name, state }) => {
    const own = containers.find((container) => container.name === name);
    const policy = own?.restartPolicy ?? old.spec?.restartPolicy;
    if (policy === 'Always' || own?.restartPolicyRules?.length) return true;
    return policy === 'OnFailure' && (state?.terminated?.exitCode ?? 0) !== 0;
  };
}

function addresses(errors: ErrorList, path: FieldPath, list: readonly { readonly ip?: string }[] = []): void {
  for (const [i, { ip = '' }] of list.entries()) address(errors, path.index(i), ip);
  if (list.length < 2) return;
  const ips = list.map(({ ip = '' }) => ip);
  if (!bothFamilies(ips) || ips.length > 2) {
    errors.invalid(path, list, 'may specify no more than one IP for each IP family');
  }
  for (const [i, ip] of ips.entries()) if (ips.indexOf(ip) !== i) errors.duplicate(path.index(i), list[i]);
}

export function validateStatus(object: Pod, old: Pod, errors: ErrorList): void {
  const [now, before] = [object.status ?? {}, old.status ?? {}];
  podAnnotationUpdates(errors, metadata.child('annotations'), object.metadata.annotations, old.metadata.annotations);
  for (const [i, { type }] of (now.conditions ?? []).entries()) {
    if (!systemConditions.has(type)) qualifiedName(errors, metadata.child('conditions').index(i).child('Type'), type);
  }
  if (now.nominatedNodeName && now.nominatedNodeName !== before.nominatedNodeName) {
    subdomain(errors, status.child('nominatedNodeName'), now.nominatedNodeName);
  }
  unchanged(errors, status.child('qosClass'), now.qosClass, before.qosClass);
  const mayRestart = restarts(old);
  finished(errors, status.child('containerStatuses'), now.containerStatuses, before.containerStatuses, mayRestart);
  const init = status.child('initContainerStatuses');
  finished(errors, init, now.initContainerStatuses, before.initContainerStatuses, mayRestart);
  const ephemeral = status.child('ephemeralContainerStatuses');
  finished(errors, ephemeral, now.ephemeralContainerStatuses, before.ephemeralContainerStatuses);
  addresses(errors, status.child('podIPs'), now.podIPs);
  if (!now.hostIPs?.length) return;
  const first = now.hostIPs[0]!.ip;
  if (now.hostIP !== first) {
    errors.invalid(status.child('hostIPs').index(0).child('ip'), first, 'must be equal to `hostIP`');
  }
  addresses(errors, status.child('hostIPs'), now.hostIPs);
}
