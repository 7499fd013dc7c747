import { expect, test } from 'vitest';
import { ago, cells } from './cells.ts';

const template = {
  metadata: { labels: { a: 'b' } },
  spec: {
    containers: [
      { name: 'c', image: 'i:1' },
      { name: 'd', image: 'j' },
    ],
  },
};
const selector = {
  matchLabels: { b: '2', a: '1' },
  matchExpressions: [{ key: 'c', operator: 'In', values: ['y', 'x'] }],
};

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'deployments/apps',
    {
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
    },
    {
      Name: 'a',
      Ready: '2/3',
      'Up-to-date': 3,
      Available: 1,
      Age: '90s',
      Containers: 'c,d',
      Images: 'i:1,j',
      Selector: 'a=1,b=2,c in (x,y)',
    },
  ],
  [
    'replicasets/apps',
    { spec: { replicas: 3, template }, status: { replicas: 2 } },
    { Desired: 3, Current: 2, Ready: 0, Selector: '<none>' },
  ],
  ['statefulsets/apps', { spec: { replicas: 3, template }, status: { readyReplicas: 1 } }, { Ready: '1/3' }],
  [
    'daemonsets/apps',
    {
      spec: { template: { spec: { nodeSelector: { z: '1', y: '2' } } } },
      status: { desiredNumberScheduled: 2, numberReady: 1 },
    },
    { Desired: 2, Current: 0, Ready: 1, 'Node Selector': 'y=2,z=1' },
  ],
  [
    'controllerrevisions/apps',
    {
      revision: 4,
      metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', controller: true }] },
    },
    { Controller: 'statefulset.apps/web', Revision: 4 },
  ],
  [
    'jobs/batch',
    { spec: { completions: 3, template }, status: { succeeded: 1, startTime: ago(70) } },
    { Status: 'Running', Completions: '1/3', Duration: '70s' },
  ],
  ['jobs/batch', { spec: { parallelism: 2, template } }, { Completions: '0/1 of 2', Duration: '' }],
  [
    'jobs/batch',
    {
      spec: { template },
      status: {
        succeeded: 1,
        startTime: ago(100),
        completionTime: ago(95),
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    },
    { Status: 'Complete', Completions: '1/1', Duration: '5s' },
  ],
  [
    'cronjobs/batch',
    {
      spec: { schedule: '* * * * *', suspend: false, jobTemplate: { spec: { template } } },
      status: { active: [{}], lastScheduleTime: ago(30) },
    },
    { Schedule: '* * * * *', Timezone: '<none>', Suspend: 'False', Active: 1, 'Last Schedule': '30s' },
  ],
  [
    'services',
    {
      spec: {
        type: 'NodePort',
        clusterIPs: ['10.96.0.7'],
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { app: 'web' },
      },
    },
    {
      Type: 'NodePort',
      'Cluster-IP': '10.96.0.7',
      'External-IP': '<none>',
      'Port(s)': '80:30080/TCP,53/UDP',
      Selector: 'app=web',
    },
  ],
  [
    'services',
    { spec: { type: 'LoadBalancer' } },
    { 'External-IP': '<pending>', 'Port(s)': '<none>', 'Cluster-IP': '<none>' },
  ],
  [
    'services',
    {
      spec: { type: 'LoadBalancer', externalIPs: ['1.1.1.1'] },
      status: { loadBalancer: { ingress: [{ ip: '9.9.9.9' }, { hostname: 'lb.example.com' }] } },
    },
    { 'External-IP': '9.9.9.9,lb.example.com,1.1.1.1' },
  ],
  ['services', { spec: { type: 'ExternalName', externalName: 'example.com' } }, { 'External-IP': 'example.com' }],
  [
    'endpoints',
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 443 }] }] },
    { Endpoints: '10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 1 more...' },
  ],
  [
    'endpoints',
    { subsets: [{ addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] }, { addresses: [{ ip: '10.0.0.2' }] }] },
    { Endpoints: '[fd00::1]:80,10.0.0.2' },
  ],
  ['endpoints', {}, { Endpoints: '<none>' }],
  [
    'endpointslices/discovery.k8s.io',
    {
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'dns' }, {}],
      endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
    },
    { AddressType: 'IPv4', Ports: '80,dns,*', Endpoints: '10.0.0.1,10.0.0.2' },
  ],
  ['endpointslices/discovery.k8s.io', { addressType: 'IPv4' }, { Ports: '<unset>', Endpoints: '<unset>' }],
  [
    'nodes',
    {
      metadata: {
        labels: {
          'node-role.kubernetes.io/worker': '',
          'node-role.kubernetes.io/control-plane': '',
          'kubernetes.io/role': 'db',
        },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [
          { type: 'Hostname', address: 'n1' },
          { type: 'InternalIP', address: '172.18.0.2' },
        ],
        nodeInfo: {
          kubeletVersion: 'v1.36.0',
          osImage: 'krill',
          kernelVersion: '6.1',
          containerRuntimeVersion: 'docker://20.10',
        },
      },
    },
    {
      Status: 'Ready,SchedulingDisabled',
      Roles: 'control-plane,db,worker',
      Version: 'v1.36.0',
      'Internal-IP': '172.18.0.2',
      'External-IP': '<none>',
      'OS-Image': 'krill',
      'Kernel-Version': '6.1',
      'Container-Runtime': 'docker://20.10',
    },
  ],
  [
    'nodes',
    { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    { Status: 'NotReady', Roles: '<none>', 'OS-Image': '<unknown>' },
  ],
  ['nodes', {}, { Status: 'Unknown' }],
  [
    'events',
    {
      involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{c}' },
      type: 'Normal',
      reason: 'Started',
      message: ' Started \n',
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: ago(300),
      lastTimestamp: ago(60),
      count: 4,
    },
    {
      'Last Seen': '60s',
      Type: 'Normal',
      Reason: 'Started',
      Object: 'pod/web',
      Subobject: 'spec.containers{c}',
      Source: 'kubelet, n1',
      Message: 'Started',
      'First Seen': '5m',
      Count: 4,
      Name: 'a',
    },
  ],
  [
    'events',
    {
      involvedObject: { kind: 'Pod', name: 'web' },
      eventTime: ago(20),
      series: { count: 9, lastObservedTime: ago(2) },
      reportingComponent: 'scheduler',
      reportingInstance: 's-1',
    },
    { 'Last Seen': '2s', 'First Seen': '20s', Count: 9, Source: 'scheduler, s-1' },
  ],
  ['namespaces', { status: { phase: 'Active' } }, { Status: 'Active' }],
  ['configmaps', { data: { a: '1', b: '2' }, binaryData: { c: '' } }, { Data: 3 }],
  ['secrets', { type: 'Opaque', data: { a: '' } }, { Type: 'Opaque', Data: 1 }],
  ['serviceaccounts', {}, { Secrets: 0 }],
  [
    'persistentvolumes',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: 'default', name: 'c' },
        storageClassName: 'fast',
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Bound' },
    },
    {
      Capacity: '1Gi',
      'Access Modes': 'RWO,RWX',
      'Reclaim Policy': 'Retain',
      Status: 'Bound',
      Claim: 'default/c',
      StorageClass: 'fast',
      VolumeAttributesClass: '<unset>',
      Reason: '',
      VolumeMode: 'Filesystem',
    },
  ],
  [
    'persistentvolumeclaims',
    { spec: { accessModes: ['ReadWriteOnce'] }, status: { phase: 'Pending' } },
    { Status: 'Pending', Volume: '', Capacity: '', 'Access Modes': '' },
  ],
  [
    'persistentvolumeclaims',
    {
      metadata: { deletionTimestamp: ago(1) },
      spec: { volumeName: 'pv' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
    },
    { Status: 'Terminating', Volume: 'pv', Capacity: '1Gi', 'Access Modes': 'RWO' },
  ],
  [
    'resourcequotas',
    { status: { hard: { pods: '10', 'limits.cpu': '2', 'requests.cpu': '1' }, used: { pods: '3' } } },
    { Request: 'pods: 3/10, requests.cpu: 0/1', Limit: 'limits.cpu: 0/2' },
  ],
  [
    'horizontalpodautoscalers/autoscaling/v2',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } },
          { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '3' } } },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40 } } }],
      },
    },
    {
      Reference: 'Deployment/web',
      Targets: 'cpu: 40%/80%, <unknown>/10 + 1 more...',
      MinPods: '<unset>',
      MaxPods: 5,
      Replicas: 2,
    },
  ],
  [
    'ingresses/networking.k8s.io',
    {
      spec: { rules: [{ host: 'a.com' }, { host: 'b.com' }, { host: 'c.com' }, { host: 'd.com' }], tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    },
    { Class: '<none>', Hosts: 'a.com,b.com,c.com + 1 more...', Address: '1.2.3.4', Ports: '80, 443' },
  ],
  ['ingresses/networking.k8s.io', { spec: { defaultBackend: {} } }, { Hosts: '*', Address: '', Ports: '80' }],
  [
    'ingressclasses/networking.k8s.io',
    { spec: { controller: 'x/y', parameters: { apiGroup: 'k.io', kind: 'P', name: 'p' } } },
    { Controller: 'x/y', Parameters: 'P.k.io/p' },
  ],
  ['networkpolicies/networking.k8s.io', { spec: { podSelector: {} } }, { 'Pod-Selector': '<none>' }],
  [
    'ipaddresses/networking.k8s.io',
    { spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'kubernetes' } } },
    { ParentRef: 'services/default/kubernetes' },
  ],
  ['servicecidrs/networking.k8s.io', { spec: { cidrs: ['10.96.0.0/16'] } }, { CIDRs: '10.96.0.0/16' }],
  [
    'poddisruptionbudgets/policy',
    { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 1 } },
    { 'Min Available': '50%', 'Max Unavailable': 'N/A', 'Allowed Disruptions': 1 },
  ],
  [
    'rolebindings/rbac.authorization.k8s.io',
    {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'User', name: 'v' },
        { kind: 'Group', name: 'g' },
        { kind: 'ServiceAccount', namespace: 'n', name: 's' },
      ],
    },
    { Role: 'Role/r', Users: 'u, v', Groups: 'g', ServiceAccounts: 'n/s' },
  ],
  ['roles/rbac.authorization.k8s.io', {}, { Name: 'a', 'Created At': ago(90) }],
  [
    'storageclasses/storage.k8s.io',
    { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'p' },
    {
      Name: 'a (default)',
      Provisioner: 'p',
      ReclaimPolicy: 'Delete',
      VolumeBindingMode: 'Immediate',
      AllowVolumeExpansion: false,
    },
  ],
  ['leases/coordination.k8s.io', { spec: { holderIdentity: 'h' } }, { Holder: 'h' }],
  [
    'priorityclasses/scheduling.k8s.io',
    { value: 10, globalDefault: true, preemptionPolicy: 'Never' },
    { Value: 10, 'Global-Default': true, PreemptionPolicy: 'Never' },
  ],
  [
    'certificatesigningrequests/certificates.k8s.io',
    {
      spec: { signerName: 's/x', username: 'u', expirationSeconds: 3600 },
      status: { certificate: 'Cg==', conditions: [{ type: 'Approved' }] },
    },
    { SignerName: 's/x', Requestor: 'u', RequestedDuration: '60m', Condition: 'Approved,Issued' },
  ],
  [
    'apiservices/apiregistration.k8s.io',
    {
      spec: { service: { namespace: 'n', name: 's' } },
      status: { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] },
    },
    { Service: 'n/s', Available: 'False (MissingEndpoints)' },
  ],
  [
    'resourceclaims/resource.k8s.io',
    { status: { allocation: {}, reservedFor: [{}] } },
    { State: 'allocated,reserved' },
  ],
  [
    'prioritylevelconfigurations/flowcontrol.apiserver.k8s.io',
    { spec: { type: 'Exempt' } },
    { Type: 'Exempt', Queues: '<none>' },
  ],
  [
    'validatingadmissionpolicybindings/admissionregistration.k8s.io',
    { spec: { policyName: 'p', paramRef: { name: 'x' } } },
    { PolicyName: 'p', ParamRef: '*/x' },
  ],
])('%s', (name, object, expected) => {
  expect(cells(name, object)).toMatchObject(expected);
});
