import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedPacket, decode, encode, type RecordType } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SystemClock } from '../../../../src/base/clock.ts';
import { SystemIds } from '../../../../src/base/ids.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { addressesIn, clusterZone } from '../../../../src/network/dns/cluster-zone.ts';
import { DnsServer } from '../../../../src/network/dns/server.ts';
import { nameservers } from '../../../../src/network/dns/upstream.ts';
import { service, services, slice, slices } from '../../../kit/network/caches.ts';

const stop = new AbortController();
const headless = { clusterIP: 'None' };
const many = Array.from({ length: 90 }, (_, i) => ({ address: `10.244.9.${i + 1}` }));
const http = [{ name: 'http', port: 80, target: 8080 }];
const known = services(stop.signal, [
  service('web', '10.96.0.20', http),
  service('db', 'None', [{ name: 'sql', port: 5432 }], headless),
  service('many', 'None', http, headless),
  service('none', 'None', http, headless),
  service('outside', '', [], { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
  service('faraway', '', [], { type: 'ExternalName', externalName: 'example.test' }),
]);
const endpoints = slices(stop.signal, [
  slice('web', http, [{ address: '10.244.0.5' }]),
  slice(
    'db',
    [{ name: 'sql', port: 5432 }],
    [
      { address: '10.244.0.7', hostname: 'db-0' },
      { address: '10.244.1.8', hostname: 'db-1' },
      { address: '10.244.1.9', ready: false },
    ],
  ),
  slice('many', http, many),
]);

let server: DnsServer;
let port: number;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'krill-dns-'));
  // Nobody listens on port 53 of this loopback address: every forwarded question fails at once.
  await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.53.53.53\n');
  const cidrs = ['10.244.0.0/16', '10.96.0.0/16'];
  server = new DnsServer({
    zone: clusterZone(known.informer, endpoints.informer, cidrs),
    domain: 'cluster.local',
    clients: addressesIn(['127.0.0.0/8']),
    clock: new SystemClock(),
    ids: new SystemIds(),
    log: silentLogger,
    resolvConf: join(folder, 'resolv.conf'),
  });
  port = await server.listen('127.0.0.1', 0);
  await Promise.all([known.informer.whenSynced(stop.signal), endpoints.informer.whenSynced(stop.signal)]);
});
afterAll(async () => {
  stop.abort();
  await server.close();
  await rm(folder, { recursive: true });
});

/** The library's types leave the response code out. */
type Answered = DecodedPacket & { readonly rcode: string };
const decodeAnswer = (bytes: Buffer) => decode(bytes) as Answered;

const question = (name: string, type: RecordType, size?: number) =>
  encode({
    type: 'query',
    id: 7,
    flags: 0x0100,
    questions: [{ name, type }],
    additionals: size
      ? [
          {
            name: '.',
            type: 'OPT',
            udpPayloadSize: size,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  });

async function ask(name: string, type: RecordType = 'A', size?: number): Promise<Answered> {
  const socket = createSocket('udp4');
  socket.send(question(name, type, size), port, '127.0.0.1');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return decodeAnswer(answer);
}

async function askTcp(name: string, type: RecordType = 'A'): Promise<Answered> {
  const socket = connect(port, '127.0.0.1');
  const message = question(name, type);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(Buffer.concat([length, message]));
  const parts: Buffer[] = [];
  for await (const part of socket) {
    parts.push(part as Buffer);
    const all = Buffer.concat(parts);
    if (all.length >= 2 && all.length >= all.readUInt16BE(0) + 2) {
      socket.destroy();
      return decodeAnswer(all.subarray(2));
    }
  }
  throw new Error('no answer');
}

const data = (packet: DecodedPacket) => packet.answers!.map((a) => ('data' in a ? a.data : undefined)).sort();

test('a Service has its cluster IP, for five seconds', async () => {
  const answer = await ask('web.default.svc.cluster.local');
  expect(answer.rcode).toBe('NOERROR');
  expect(answer.flag_aa).toBe(true);
  expect(answer.answers).toMatchObject([{ name: 'web.default.svc.cluster.local', ttl: 5, data: '10.96.0.20' }]);
});

test('names are found in any case and answered as asked', async () => {
  const answer = await ask('Web.default.svc.CLUSTER.local');
  expect(answer.answers).toMatchObject([{ name: 'Web.default.svc.CLUSTER.local', data: '10.96.0.20' }]);
});

test('a headless Service has the addresses of its ready endpoints, and each its own name', async () => {
  expect(data(await ask('db.default.svc.cluster.local'))).toEqual(['10.244.0.7', '10.244.1.8']);
  expect(data(await ask('db-1.db.default.svc.cluster.local'))).toEqual(['10.244.1.8']);
  expect((await ask('db-2.db.default.svc.cluster.local')).rcode).toBe('NXDOMAIN');
});

test('SRV names port and target, with the address at hand', async () => {
  const one = await ask('_http._tcp.web.default.svc.cluster.local', 'SRV');
  expect(data(one)).toEqual([{ priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' }]);
  const two = await ask('_sql._tcp.db.default.svc.cluster.local', 'SRV');
  expect(two.answers!.map((a) => a.type === 'SRV' && a.data.target).sort()).toEqual([
    'db-0.db.default.svc.cluster.local',
    'db-1.db.default.svc.cluster.local',
  ]);
  expect(data({ ...two, answers: two.additionals! })).toEqual(['10.244.0.7', '10.244.1.8']);
  expect((await ask('_http._udp.web.default.svc.cluster.local', 'SRV')).rcode).toBe('NXDOMAIN');
});

test.each([
  ['20.0.96.10.in-addr.arpa', 'web.default.svc.cluster.local'],
  ['8.1.244.10.in-addr.arpa', 'db-1.db.default.svc.cluster.local'],
])('%s is %s', async (name, expected) => {
  expect(data(await ask(name, 'PTR'))).toEqual([expected]);
});

test('what exists without the type asked for is not the same as what does not exist', async () => {
  const noData = await ask('web.default.svc.cluster.local', 'AAAA');
  expect([noData.rcode, noData.answers, noData.authorities![0]?.type]).toEqual(['NOERROR', [], 'SOA']);
  const noName = await ask('gone.default.svc.cluster.local');
  expect([noName.rcode, noName.authorities![0]?.type]).toEqual(['NXDOMAIN', 'SOA']);
  expect((await ask('9.9.244.9.in-addr.arpa', 'PTR')).rcode).toBe('SERVFAIL');
  expect((await ask('200.9.244.10.in-addr.arpa', 'PTR')).rcode).toBe('NXDOMAIN');
  expect((await ask('none.default.svc.cluster.local')).rcode).toBe('NOERROR');
});

test('pods have names made of their addresses', async () => {
  expect(data(await ask('10-244-0-5.default.pod.cluster.local'))).toEqual(['10.244.0.5']);
  expect((await ask('10-244-0.default.pod.cluster.local')).rcode).toBe('NXDOMAIN');
});

test('an ExternalName is followed inside the cluster, and named even when nobody knows it', async () => {
  expect(data(await ask('outside.default.svc.cluster.local'))).toEqual(['10.96.0.20', 'web.default.svc.cluster.local']);
  expect(data(await ask('faraway.default.svc.cluster.local'))).toEqual(['example.test']);
});

test('an answer too long for UDP is cut and says so; over TCP, or with room, it is whole', async () => {
  const cut = await ask('many.default.svc.cluster.local');
  expect(cut.flag_tc).toBe(true);
  expect(cut.answers!.length).toBeLessThan(90);
  expect((await askTcp('many.default.svc.cluster.local')).answers).toHaveLength(90);
  expect((await ask('db.default.svc.cluster.local', 'A', 1232)).additionals!.at(-1)?.type).toBe('OPT');
});

test('changes are seen at once', async () => {
  known.set(service('late', '10.96.0.77', http));
  expect(data(await ask('late.default.svc.cluster.local'))).toEqual(['10.96.0.77']);
  known.delete('default', 'late');
  expect((await ask('late.default.svc.cluster.local')).rcode).toBe('NXDOMAIN');
});

test('the rest is forwarded; a machine whose name server is silent gives SERVFAIL', async () => {
  expect((await ask('example.test')).rcode).toBe('SERVFAIL');
});

test('junk is ignored and does not end the server', async () => {
  const socket = createSocket('udp4');
  for (const junk of [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(12, 0xff)]) socket.send(junk, port, '127.0.0.1');
  expect(data(await ask('web.default.svc.cluster.local'))).toEqual(['10.96.0.20']);
  socket.close();
});

test('name servers that would ask us again are left out', () => {
  const text = '# none\nnameserver 10.0.0.1\n nameserver fe80::1%eth0\nnameserver 172.30.0.1\n';
  expect(nameservers(text, ['172.30.0.1'])).toEqual(['10.0.0.1', 'fe80::1']);
});
