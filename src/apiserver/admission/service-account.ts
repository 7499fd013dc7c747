import type { Mutable } from '../../api/object.ts';
import { forbidden } from '../../api/status.ts';
import type { Container, Pod, ServiceAccount, Volume } from '../../api/types/core-v1.gen.ts';
import type { Ids } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** An hour and seven seconds, so that the kubelet knows it for a default and may extend it. */
const tokenSeconds = 3607;

/**
 * Gives pods their service account, its pull secrets, and the volume with its token.
 * Source: plugin/pkg/admission/serviceaccount.
 */
export function serviceAccount(store: Store, ids: Ids): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    operations: new Set(['CREATE']),
    resources: new Set(['pods']),
    mutate: ({ served, subresource, object, namespace, name }) => {
      if (subresource || !object) return;
      const pod = object as unknown as Mutable<Pod>;
      const spec = pod.spec;
      if (!spec || pod.metadata?.annotations?.[mirrorAnnotation] !== undefined) return;
      spec.serviceAccountName ||= (spec as { serviceAccount?: string }).serviceAccount || 'default';
      const head = store.head({ resource: 'serviceaccounts', namespace, name: spec.serviceAccountName });
      if (!head)
        throw forbidden(
          served,
          name,
          `error looking up service account ${namespace}/${spec.serviceAccountName}: serviceaccount ${JSON.stringify(spec.serviceAccountName)} not found`,
        );
      const account = head.object as unknown as ServiceAccount;
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, ids);
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
        spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
    },
  };
}

type Spec = Mutable<NonNullable<Pod['spec']>>;

function mountToken(spec: Spec, ids: Ids): void {
  const existing = spec.volumes?.find((volume) => volume.name?.startsWith(volumePrefix))?.name;
  const volume = existing ?? volumePrefix + ids.suffix(5);
  let mounted = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Mutable<Container>[]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath }];
    mounted = true;
  }
  if (mounted && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(volume)];
}

const tokenVolume = (name: string): Mutable<Volume> => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
});
