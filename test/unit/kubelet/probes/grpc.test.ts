import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grpcHealth } from '../../../../src/kubelet/probes/grpc.ts';

const statuses: Readonly<Record<string, number>> = { '': 1, down: 2 };
let server: Http2Server;

/** A health service: one server status, "down" not serving, all else unknown. */
beforeAll(async () => {
  server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const name = Buffer.concat(chunks).subarray(7).toString();
      const status = headers[':path'] === '/grpc.health.v1.Health/Check' ? statuses[name] : undefined;
      if (status === undefined) {
        stream.respond({ ':status': 200, 'grpc-status': '5', 'grpc-message': 'unknown service' }, { endStream: true });
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => void server.close());

test.each([
  ['', { serving: true, status: 'SERVING' }],
  ['down', { serving: false, status: 'NOT_SERVING' }],
  ['nobody', { serving: false, status: 'code = 5 desc = unknown service' }],
])('health of service "%s"', async (service, expected) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  expect(await grpcHealth(socket, '10.0.0.1:50051', service, AbortSignal.timeout(5000))).toEqual(expected);
  socket.destroy();
});
