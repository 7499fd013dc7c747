import type { TokenRequest } from '../../../api/types/authentication-v1.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../api/types/core-v1.gen.ts';
import type { CSIDriver } from '../../../api/types/storage-v1.gen.ts';
import type { AdmissionRequest } from '../admission.ts';
import { find, podOf, q, type Rule, refusal, type World } from './rule.ts';

/** Nodes ask for tokens for their pods, and for audiences that these have use for. */
export const tokens: Rule = (node, request, world) => {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return;
  const { spec } = request.object as unknown as TokenRequest;
  const bound = spec?.boundObjectRef;
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name)
    throw refusal(request, 'node requested token not bound to a pod');
  if (!bound.uid) throw refusal(request, 'node requested token with a pod binding without a uid');
  const pod = podOf(world, request.namespace, bound.name);
  if (bound.uid !== pod.metadata.uid) {
    const what = `the UID in the bound object reference (${bound.uid}) does not match the UID in record`;
    throw refusal(request, `${what}. The object might have been deleted and then recreated`);
  }
  if (pod.spec?.nodeName !== node)
    throw refusal(request, 'node requested token bound to a pod scheduled on a different node');
  checkAudience(request, pod, spec?.audiences ?? [], world);
};

function checkAudience(request: AdmissionRequest, pod: Pod, audiences: readonly string[], world: World): void {
  if (audiences.length > 1) throw refusal(request, 'node may only request 0 or 1 audiences');
  const audience = audiences[0] ?? '';
  const { user, namespace, name } = request;
  if ((pod.spec?.volumes ?? []).some((volume) => hasUse(pod, volume, audience, world))) return;
  const verb = 'request-serviceaccounts-token-audience';
  if (world.authorizer.allowed(user, { verb, group: '', resource: audience, subresource: '', namespace, name })) return;
  const nobody = `${user.name} is not authorized to request tokens for this audience`;
  throw refusal(request, `audience ${q(audience)} not found in pod spec volume, ${nobody}`);
}

/** Whether a volume is a token for this audience, or its driver gets one. */
function hasUse(pod: Pod, volume: Volume, audience: string, world: World): boolean {
  const sources = volume.projected?.sources ?? [];
  if (sources.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return true;
  const driver = driverOf(pod, volume, world);
  if (!driver) return false;
  const found = find(world, 'csidrivers.storage.k8s.io', '', driver) as unknown as CSIDriver | undefined;
  return (found?.spec?.tokenRequests ?? []).some((token) => token.audience === audience);
}

function driverOf({ metadata }: Pod, volume: Volume, world: World): string | undefined {
  if (volume.csi) return volume.csi.driver;
  const claimName = volume.ephemeral ? `${metadata.name}-${volume.name}` : volume.persistentVolumeClaim?.claimName;
  if (!claimName) return undefined;
  const claim = find(world, 'persistentvolumeclaims', metadata.namespace!, claimName);
  const volumeName = (claim as unknown as PersistentVolumeClaim | undefined)?.spec?.volumeName;
  if (!volumeName) return undefined;
  return (find(world, 'persistentvolumes', '', volumeName) as unknown as PersistentVolume | undefined)?.spec?.csi
    ?.driver;
}
