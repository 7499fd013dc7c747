import type { CertificateSigningRequest } from '../api/types/certificates-v1.gen.ts';
import { type DecodedRequest, readSigningRequest } from '../pki/signing-requests.ts';

/** What the controllers of certificate requests know in common. Source: pkg/apis/certificates/helpers.go. */

export const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';

export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

/** What a request asks for. Throws `BadRequestPem`. */
export const requestOf = ({ spec }: CertificateSigningRequest): Promise<DecodedRequest> =>
  readSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));

/** Whether the usages are all of these, with or without key encipherment, which only RSA keys need. */
function areUsages(usages: readonly string[], auth: string): boolean {
  const asked = new Set(usages);
  asked.delete('key encipherment');
  return asked.size === 2 && asked.has('digital signature') && asked.has(auth);
}

const usagesProblem = (auth: string): string =>
  `usages did not match [${[auth, 'digital signature', 'key encipherment'].toSorted().join(' ')}]`;

const isOfNodes = ({ subject }: DecodedRequest): boolean =>
  subject.organizations?.length === 1 && subject.organizations[0] === 'system:nodes';

const isNamedAsNode = ({ subject }: DecodedRequest): boolean => subject.commonName.startsWith('system:node:');

const noNodes = 'subject organization is not system:nodes';
const noNodeName = 'subject common name does not begin with system:node:';
const unwanted = (what: string): string => `${what} subjectAltNames are not allowed`;

/** Why a request is not one for a kubelet's client certificate, undefined when it is. */
export function kubeletClientProblem(request: DecodedRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return noNodes;
  if (request.dnsNames.length > 0) return unwanted('DNS');
  if (request.emails.length > 0) return unwanted('Email');
  if (request.ipAddresses.length > 0) return unwanted('IP');
  if (request.uris.length > 0) return unwanted('URI');
  if (!isNamedAsNode(request)) return noNodeName;
  return areUsages(usages, 'client auth') ? undefined : usagesProblem('client auth');
}

/** Why a request is not one for a kubelet's serving certificate, undefined when it is. */
export function kubeletServingProblem(request: DecodedRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return noNodes;
  if (request.dnsNames.length + request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emails.length > 0) return unwanted('Email');
  if (request.uris.length > 0) return unwanted('URI');
  if (!areUsages(usages, 'server auth')) return usagesProblem('server auth');
  return isNamedAsNode(request) ? undefined : noNodeName;
}
