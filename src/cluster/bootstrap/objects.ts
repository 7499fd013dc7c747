import type { KubeObject } from '../../api/object.ts';
import { provisioner } from '../../controllers/local-path/provision-plan.ts';
import { tokenTracking } from '../../resources/core/service-account-token.ts';
import { frontProxyName } from '../front-proxy.ts';

/** What the objects of a new cluster depend on. */
export interface BootstrapFacts {
  /** The API server's URL on this machine, for which its certificate is good. */
  readonly url: string;
  /** Where pods reach this process; "" where there is none to name. */
  readonly address: string;
  readonly apiPort: number;
  /** 0 where no DNS is served. */
  readonly dnsPort: number;
  readonly serviceCIDR: string;
  readonly kubernetesIP: string;
  readonly dnsIP: string;
  readonly caPem: string;
  /** Signs the certificate by which the API server is known to the servers behind APIServices. */
  readonly frontProxyCaPem: string;
  /** The day, in UTC. */
  readonly today: string;
}

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** The namespaces a kube-apiserver makes for itself. */
export const systemNamespaces: readonly KubeObject[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(
  namespace,
);

/** The two priority classes of kube-apiserver's scheduling bootstrap; values from k8s.io/api scheduling. */
export const systemPriorityClasses: readonly KubeObject[] = [
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'For critical pods that must stay on the node they run on.',
  },
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description: 'For critical pods that must run in the cluster and may move to another node.',
  },
];

/** The class of claims that name none: folders on the disk of the node where the first pod of a claim runs. */
export const standardStorageClass: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/** A Service without selector and the EndpointSlice that sends it to a process outside the pod network. */
function hostedService(
  namespaceName: string,
  name: string,
  labels: Record<string, string>,
  clusterIP: string,
  address: string,
  ports: readonly { name: string; port: number; protocol: 'TCP' | 'UDP'; target: number }[],
): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: namespaceName, labels },
      spec: {
        clusterIP,
        ports: ports.map((p) => ({ name: p.name, port: p.port, protocol: p.protocol, targetPort: p.target })),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace: namespaceName, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: address
        ? [
            {
              addresses: [{ ip: address }],
              ports: ports.map((p) => ({ name: p.name, port: p.target, protocol: p.protocol })),
            },
          ]
        : [],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: namespaceName, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: address ? [{ addresses: [address], conditions: { ready: true } }] : [],
      ports: ports.map((p) => ({ name: p.name, port: p.target, protocol: p.protocol })),
    },
  ];
}

/** `default/kubernetes` and `kube-system/kube-dns`: the API server and the cluster DNS as pods reach them. */
export function hostedServices(facts: BootstrapFacts): KubeObject[] {
  return [
    ...hostedService(
      'default',
      'kubernetes',
      { component: 'apiserver', provider: 'kubernetes' },
      facts.kubernetesIP,
      facts.address,
      [{ name: 'https', port: 443, protocol: 'TCP', target: facts.apiPort }],
    ),
    ...hostedService(
      'kube-system',
      'kube-dns',
      { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      facts.dnsIP,
      facts.dnsPort === 0 ? '' : facts.address,
      [
        { name: 'dns', port: 53, protocol: 'UDP', target: facts.dnsPort || 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', target: facts.dnsPort || 53 },
      ],
    ),
  ];
}

/**
 * How extension API servers know who is asking: which authority users have their certificates from, and who may name a user
 * in headers. Source: pkg/controlplane/controller/clusterauthenticationtrust.
 */
export const extensionAuthentication = ({ caPem, frontProxyCaPem }: BootstrapFacts): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
  data: {
    'client-ca-file': caPem,
    'requestheader-client-ca-file': frontProxyCaPem,
    'requestheader-allowed-names': JSON.stringify([frontProxyName]),
    'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
    'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
    'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
    'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
  },
});

/** What clients look up about the cluster itself. */
export function clusterFacts(facts: BootstrapFacts): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: tokenTracking, namespace: 'kube-system' },
      data: { since: facts.today },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: [facts.serviceCIDR] },
    },
  ];
}
