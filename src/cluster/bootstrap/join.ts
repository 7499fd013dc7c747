import type { KubeObject } from '../../api/object.ts';
import type { BootstrapFacts } from './objects.ts';

const rbac = 'rbac.authorization.k8s.io';
const apiVersion = `${rbac}/v1`;

const groupBinding = (name: string, role: string, group: string): KubeObject => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'Group', apiGroup: rbac, name: group }],
});

const joiners = 'system:bootstrappers:kubeadm:default-node-token';
const approvals = 'system:certificates.k8s.io:certificatesigningrequests';
const readInfo = 'kubeadm:bootstrap-signer-clusterinfo';

/** The kubeconfig that names the cluster and nobody who may use it, as `kubeadm init` writes it. */
const infoOf = ({ url, caPem }: BootstrapFacts): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}
    server: ${url}
  name: ""
contexts: null
current-context: ""
kind: Config
preferences: {}
users: null
`;

/**
 * What nodes find that join with a bootstrap token: `cluster-info`, which anybody may read, and the right to ask for a
 * certificate and to get it without a person. Names and rules are those of `kubeadm init`.
 */
export function joiningNodes(facts: BootstrapFacts): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig: infoOf(facts) },
    },
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: readInfo, namespace: 'kube-public' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['cluster-info'] }],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: readInfo, namespace: 'kube-public' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: readInfo },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'system:anonymous' }],
    },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'kubeadm:get-nodes' },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    },
    groupBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', joiners),
    groupBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiners),
    groupBinding('kubeadm:node-autoapprove-bootstrap', `${approvals}:nodeclient`, joiners),
    groupBinding('kubeadm:node-autoapprove-certificate-rotation', `${approvals}:selfnodeclient`, 'system:nodes'),
  ];
}
