import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { addressesIn, clusterZone } from '../../../src/network/dns/cluster-zone.ts';
import { DnsServer } from '../../../src/network/dns/server.ts';
import { ServiceProxy } from '../../../src/network/service-proxy/service-proxy.ts';
import { planReach } from '../../../src/runtimes/docker/host-reach.ts';
import { DockerTestCluster, never, type TestPod } from '../../kit/docker/cluster.ts';
import { testEngine } from '../../kit/docker/engine.ts';
import { nodes, service, services, slice, slices } from '../../kit/network/caches.ts';

const engine = await testEngine();
const clock = new SystemClock();
const web = [{ port: 80, target: 8080 }];

describe.skipIf(!engine)('Services and DNS in the nodes', () => {
  let cluster: DockerTestCluster;
  let a: TestPod;
  let b: TestPod;
  let dns: DnsServer;
  let proxy: ServiceProxy;
  let proxied: Promise<void>;
  const stop = new AbortController();
  const known = services(stop.signal);
  const endpoints = slices(stop.signal);
  const places = nodes(stop.signal);
  const address = (pod: TestPod) => ({ address: pod.sandbox.address, node: pod.node });
  /** Whose answer comes, asked several times. */
  const answers = async (from: TestPod, url: string, times = 12) => {
    const script = `for i in $(seq ${times}); do wget -qO- ${url} 2>&1; done | sort -u`;
    return (await cluster.run(from, 'sh', '-c', script)).replaceAll(' version 1', '').split('\n');
  };
  const put = async (one: ReturnType<typeof service>, behind?: ReturnType<typeof slice>) => {
    known.set(one);
    if (behind) endpoints.set(behind);
    await proxy.settled();
  };
  const putSlice = async (one: ReturnType<typeof slice>) => {
    endpoints.set(one);
    await proxy.settled();
  };

  beforeAll(async () => {
    cluster = await DockerTestCluster.start(engine!, 2);
    const { subnets, gateway } = cluster.network;
    proxy = new ServiceProxy({
      services: known.informer,
      slices: endpoints.informer,
      nodes: places.informer,
      network: cluster.runtime,
      subnets,
      clock,
      log: silentLogger,
    });
    proxied = proxy.run(stop.signal);
    dns = new DnsServer({
      zone: clusterZone(known.informer, endpoints.informer, [subnets.pods, subnets.services]),
      domain: 'cluster.local',
      clients: addressesIn([subnets.nodes, subnets.pods]),
      clock,
      ids: new SystemIds(),
      log: silentLogger,
    });
    const dnsPort = await dns.listen((await planReach(cluster.network)).listenOn, 0);
    known.set(
      service('kube-dns', '10.96.0.10', [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'tcp', port: 53 },
      ]),
    );
    endpoints.set(
      slice(
        'kube-dns',
        [
          { name: 'dns', port: 53, target: dnsPort, protocol: 'UDP' },
          { name: 'tcp', port: 53, target: dnsPort },
        ],
        [{ address: gateway }],
      ),
    );
    await Promise.all([cluster.ensure('n1'), cluster.ensure('n2')]);
    [a, b] = await Promise.all([cluster.pod('n1', 'a'), cluster.pod('n2', 'b')]);
    await Promise.all([cluster.get(a, 'http://127.0.0.1:8080/'), cluster.get(b, 'http://127.0.0.1:8080/')]);
    await put(
      service('web', '10.96.0.20', [{ ...web[0]!, nodePort: 30080 }], { type: 'NodePort' }),
      slice('web', web, [address(a), address(b)]),
    );
  });
  afterAll(async () => {
    stop.abort();
    await proxied;
    await dns.close();
    await cluster[Symbol.asyncDispose]();
  });

  test('a cluster IP leads to every endpoint from every node, the caller itself too', async () => {
    expect(await answers(a, 'http://10.96.0.20/')).toEqual(['a', 'b']);
    expect(await answers(b, 'http://10.96.0.20/')).toEqual(['a', 'b']);
  });

  test('names are resolved by the cluster DNS at 10.96.0.10, over UDP and TCP', async () => {
    const lookup = () => cluster.run(a, 'nslookup', 'web.default.svc.cluster.local', '10.96.0.10');
    expect(await lookup()).toMatch(/Address: 10\.96\.0\.20/);
  });

  test('a node port answers on every node, from pods and from the host, with endpoints anywhere', async () => {
    const nodes = ['n1', 'n2'].map((node) => cluster.runtime.nodeAddress(node));
    for (const node of nodes) {
      expect(await answers(a, `http://${node}:30080/`)).toEqual(['a', 'b']);
      const seen = new Set<string>();
      for (let i = 0; i < 12; i++) seen.add((await (await fetch(`http://${node}:30080/`)).text()).split(' ')[0]!);
      expect([...seen].sort()).toEqual(['a', 'b']);
    }
  });

  test('an endpoint that goes is used no more, and one that comes is', async () => {
    await putSlice(slice('web', web, [address(b)]));
    expect(await answers(a, 'http://10.96.0.20/')).toEqual(['b']);
    await putSlice(slice('web', web, [address(a), address(b)]));
    expect(await answers(a, 'http://10.96.0.20/')).toEqual(['a', 'b']);
  });

  test('a Service without endpoints refuses at once, on its cluster IP and its node port', async () => {
    await put(service('empty', '10.96.0.21', [{ ...web[0]!, nodePort: 30081 }], { type: 'NodePort' }));
    for (const url of ['http://10.96.0.21/', `http://${cluster.runtime.nodeAddress('n2')}:30081/`]) {
      expect(await cluster.run(a, 'wget', '-qO-', url)).toMatch(/refused/);
    }
  });

  test('ClientIP affinity keeps a client at its endpoint', async () => {
    const behind = slice('sticky', web, [address(a), address(b)]);
    await put(service('sticky', '10.96.0.22', web, { sessionAffinity: 'ClientIP' }), behind);
    const mine = await answers(a, 'http://10.96.0.22/', 20);
    expect(mine).toHaveLength(1);
    // A new endpoint elsewhere does not move the client.
    await putSlice(slice('sticky', web, [address(a), address(b), { address: '10.244.1.99', node: 'n2' }]));
    expect(await answers(a, 'http://10.96.0.22/', 20)).toEqual(mine);
    await put(service('sticky', '10.96.0.22', web), behind);
    expect(await answers(a, 'http://10.96.0.22/', 20)).toEqual(['a', 'b']);
  });

  test('internalTrafficPolicy Local stays on the node', async () => {
    const near = service('near', '10.96.0.23', web, { internalTrafficPolicy: 'Local' });
    await put(near, slice('near', web, [address(a), address(b)]));
    expect(await answers(a, 'http://10.96.0.23/')).toEqual(['a']);
    expect(await answers(b, 'http://10.96.0.23/')).toEqual(['b']);
  });

  test('externalTrafficPolicy Local keeps the client address and answers only where endpoints are', async () => {
    const keep = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    await put(service('keep', '10.96.0.24', [{ ...web[0]!, nodePort: 30084 }], keep), slice('keep', web, [address(b)]));
    const url = (node: string) => `http://${cluster.runtime.nodeAddress(node)}:30084/cgi-bin/answer`;
    expect(await (await fetch(url('n2'))).text()).toContain(`b version 1 to [::ffff:${cluster.network.gateway}]`);
    await expect(fetch(url('n1'), { signal: AbortSignal.timeout(500) })).rejects.toThrow();
  });

  test('a UDP flow goes over to another endpoint when its own has gone', async () => {
    const udp = [{ port: 5353, protocol: 'UDP' as const }];
    const container = (say: string) => ({
      image: cluster.image,
      command: ['/sbin/socat', 'UDP4-RECVFROM:5353,fork', `SYSTEM:echo ${say}`],
    });
    const [one, two] = await Promise.all([
      cluster.pod('n1', 'one', { container: container('one') }),
      cluster.pod('n2', 'two', { container: container('two') }),
    ]);
    // One source port: always the same flow. A packet to a server that does not listen yet is lost, so ask again.
    const once = 'echo hi | /sbin/socat -t 0.5 STDIO UDP4:10.96.0.25:5353,sourceport=7777,reuseaddr 2>/dev/null';
    const ask = () => cluster.run(two, 'sh', '-c', `for i in $(seq 8); do ${once} | grep . && exit; done; exit 1`);
    await put(service('dgram', '10.96.0.25', udp), slice('dgram', udp, [address(one)]));
    expect(await ask()).toBe('one');
    await putSlice(slice('dgram', udp, [address(two)]));
    expect(await ask()).toBe('two');
  });

  test('krill itself can be reached from a node at the address that was planned', async () => {
    const plan = await planReach(cluster.network);
    const api = createServer((socket) => socket.end());
    api.listen(0, plan.listenOn);
    await once(api, 'listening');
    const name = createSocket('udp4');
    name.on('message', (message, from) => name.send(message, from.port, from.address));
    name.bind(0, plan.listenOn);
    await once(name, 'listening');
    const ports = { apiPort: (api.address() as { port: number }).port, dnsPort: name.address().port };
    const reach = await cluster.runtime.probeHost('n1', plan, ports, never);
    expect(reach).toEqual({ strategy: plan.strategy, address: cluster.network.gateway, ...ports });
    name.close();
    await once(name, 'close');
    await expect(cluster.runtime.probeHost('n1', plan, ports, never)).rejects.toThrow(/UDP \d+/);
    api.close();
  });
});
