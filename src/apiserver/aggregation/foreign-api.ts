import { groupVersionPath } from '../../api/openapi/paths.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';

/** A group version that another server serves, as its APIService says. */
export interface ForeignApi {
  /** Of the APIService: "v1beta1.external.metrics.k8s.io". */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  /** Where it begins: "/apis/external.metrics.k8s.io/v1beta1". */
  readonly path: string;
  readonly service: ServiceReference;
  /** PEM in base64; the machine's own authorities unless given. */
  readonly caBundle: string | undefined;
  readonly insecureSkipTLSVerify: boolean;
  /** Whether its server answered when it was last asked. */
  readonly available: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

const httpsPort = 443;

/** The group of APIServices itself: in other hands nobody could take it back. */
const ownGroup = 'apiregistration.k8s.io';

/** What an APIService says of another server; undefined for one of this server's own group versions. */
export function foreignApi({ metadata, spec, status }: APIService): ForeignApi | undefined {
  if (!spec?.service || spec.group === ownGroup) return undefined;
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify = false } = spec;
  return {
    name: metadata.name!,
    group,
    version,
    path: `/${groupVersionPath({ group, version })}`,
    service: { namespace: service.namespace ?? '', name: service.name ?? '', port: service.port ?? httpsPort },
    caBundle,
    insecureSkipTLSVerify,
    available: status?.conditions?.some((c) => c.type === 'Available' && c.status === 'True') ?? false,
    groupPriority: spec.groupPriorityMinimum,
    versionPriority: spec.versionPriority,
  };
}

/** Whether both are reached and trusted in the same way. */
export const sameServer = (a: ForeignApi, b: ForeignApi): boolean =>
  a.service.namespace === b.service.namespace &&
  a.service.name === b.service.name &&
  a.service.port === b.service.port &&
  a.caBundle === b.caBundle &&
  a.insecureSkipTLSVerify === b.insecureSkipTLSVerify;
