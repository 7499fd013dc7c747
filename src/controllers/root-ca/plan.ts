import { isDeepStrictEqual } from 'node:util';
import type { ConfigMap, Namespace } from '../../api/types/core-v1.gen.ts';

export const rootCaName = 'kube-root-ca.crt';

/** The annotation and its text are what every v1.36 cluster shows. */
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
const descriptionKey = 'kubernetes.io/description';

/** The ConfigMap to create or update; undefined when all is well or the namespace is going. */
export function planRootCa(
  namespace: Namespace | undefined,
  current: ConfigMap | undefined,
  caPem: string,
): { readonly create: ConfigMap } | { readonly update: ConfigMap } | undefined {
  if (!namespace || namespace.metadata.deletionTimestamp) return undefined;
  const data = { 'ca.crt': caPem };
  if (!current) {
    const metadata = {
      name: rootCaName,
      namespace: namespace.metadata.name!,
      annotations: { [descriptionKey]: description },
    };
    return { create: { metadata, data } };
  }
  const annotations = current.metadata?.annotations;
  if (isDeepStrictEqual(current.data, data) && annotations?.[descriptionKey] === description) return undefined;
  const metadata = { ...current.metadata, annotations: { ...annotations, [descriptionKey]: description } };
  return { update: { ...current, metadata, data } };
}
