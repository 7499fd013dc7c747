import { connect } from 'node:http2';
import type { Duplex } from 'node:stream';

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const servingNames: Readonly<Record<number, string>> = {
  0: 'UNKNOWN',
  1: 'SERVING',
  2: 'NOT_SERVING',
  3: 'SERVICE_UNKNOWN',
};

/** One message with the gRPC prefix: not compressed, length. */
function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** HealthCheckRequest{service}: field 1, length-delimited. Names are short, so one length byte is enough. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service).subarray(0, 127);
  return name.length ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : Buffer.alloc(0);
}

/** HealthCheckResponse{status}: field 1, varint; absent means UNKNOWN. */
function servingStatus(body: Buffer): number {
  const message = body.subarray(5);
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}

export interface GrpcHealth {
  readonly serving: boolean;
  /** "NOT_SERVING", or the gRPC status text of a failed call. */
  readonly status: string;
}

/** Asks grpc.health.v1.Health/Check over a dialled connection. */
export function grpcHealth(
  socket: Duplex,
  authority: string,
  service: string,
  signal: AbortSignal,
): Promise<GrpcHealth> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${authority}`, { createConnection: () => socket });
    const fail = (error: Error) => {
      session.destroy();
      reject(error);
    };
    session.on('error', fail);
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
        'user-agent': 'kube-probe/1.36',
        te: 'trailers',
      },
      { signal },
    );
    let code = '';
    let message = '';
    const read = (headers: Record<string, unknown>) => {
      code = String(headers['grpc-status'] ?? code);
      message = String(headers['grpc-message'] ?? message);
    };
    const chunks: Buffer[] = [];
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', fail);
    stream.on('end', () => {
      session.destroy();
      if (code !== '0') return resolve({ serving: false, status: `code = ${code} desc = ${message}` });
      const status = servingStatus(Buffer.concat(chunks));
      resolve({ serving: status === 1, status: servingNames[status] ?? String(status) });
    });
    stream.end(framed(healthRequest(service)));
  });
}
