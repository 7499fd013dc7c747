import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls, ok } from '../kit/kubectl.ts';
import { pkcs10 } from '../kit/pkcs10.ts';

const { path } = kubectls().at(-1)!;
const token = { id: 'abcdef', secret: '0123456789abcdef' };
const asBase64 = (text: string) => Buffer.from(text).toString('base64');

let installed: Installation;
let kubectl: BoundKubectl;

beforeAll(async () => {
  installed = installation();
  await installed.must('up', 'joining', '--runtime', 'simulated');
  kubectl = bind(path, installed);
});
afterAll(() => installed[Symbol.asyncDispose]());

/** Whoever has nothing but the cluster's own kubeconfig and these credentials. */
function stranger(kubeconfig: string) {
  const file = join(installed.home, 'stranger');
  writeFileSync(file, kubeconfig);
  return (...args: string[]) => ok(path, file, ['--cluster', 'joined', ...args]);
}

describe('a node that has a bootstrap token', () => {
  test('trusts the cluster by it, asks for a certificate, and is itself from then on', async () => {
    await kubectl.apply(`apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-${token.id}, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: ${token.id}
  token-secret: "${token.secret}"
  usage-bootstrap-authentication: "true"
  usage-bootstrap-signing: "true"
  auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
`);
    const signature = `.data.jws-kubeconfig-${token.id}`;
    await kubectl('wait', 'cm/cluster-info', '-n', 'kube-public', `--for=jsonpath={${signature}}`, '--timeout=30s');
    const info = await kubectl('get', 'cm', 'cluster-info', '-n', 'kube-public', '-o', 'jsonpath={.data.kubeconfig}');
    // The cluster's own kubeconfig names nobody: the token is enough, and the CA in it is the right one.
    const joiner = stranger(info.replace('name: ""', 'name: joined'));
    const as = (...args: string[]) => joiner('--token', `${token.id}.${token.secret}`, ...args);
    expect(await as('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe(
      `system:bootstrap:${token.id}`,
    );

    const key = join(installed.home, 'node.key');
    const request = pkcs10('/O=system:nodes/CN=system:node:late', { keyFile: key });
    const file = join(installed.home, 'request.yaml');
    writeFileSync(
      file,
      `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: late}
spec:
  request: ${asBase64(request)}
  signerName: kubernetes.io/kube-apiserver-client-kubelet
  usages: [digital signature, client auth]
`,
    );
    await as('create', '-f', file);
    await kubectl('wait', 'csr/late', '--for=jsonpath={.status.certificate}', '--timeout=30s');
    const certificate = await as('get', 'csr', 'late', '-o', 'jsonpath={.status.certificate}');
    const pem = join(installed.home, 'node.pem');
    writeFileSync(pem, Buffer.from(certificate, 'base64'));
    const itself = ['--client-certificate', pem, '--client-key', key];
    const whoami = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'];
    expect(await joiner(...itself, ...whoami)).toBe('system:node:late');
  });
});

test('addresses come from a second range, which stays until its Service goes; its Endpoints are mirrored', async () => {
  await kubectl.apply(`apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec: {cidrs: [10.111.0.0/24]}
`);
  await kubectl('wait', 'servicecidr/more', '--for=condition=Ready', '--timeout=30s');
  await kubectl.apply(`apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {clusterIP: 10.111.0.7, ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: outside}
subsets: [{addresses: [{ip: 192.0.2.77}], ports: [{port: 80}]}]
`);
  expect(await kubectl('get', 'ipaddress', '10.111.0.7')).toContain('services/default/outside');
  const slices = ['endpointslice', '-l', 'kubernetes.io/service-name=outside'];
  await kubectl('wait', ...slices, '--for=jsonpath={.endpoints[0].addresses[0]}=192.0.2.77', '--timeout=30s');
  await kubectl('delete', 'servicecidr', 'more', '--wait=false');
  await kubectl('wait', 'servicecidr/more', '--for=condition=Ready=false', '--timeout=30s');
  await kubectl('delete', 'service', 'outside');
  await kubectl('wait', 'servicecidr/more', '--for=delete', '--timeout=60s');
});
