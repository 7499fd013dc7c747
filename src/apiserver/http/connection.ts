import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../../client/call.ts';
import type { Connection } from '../exchange.ts';

/** The one Connection of a TLS socket, shared by every request on it. */
export class SocketConnection implements Connection {
  readonly remoteAddress: string;
  readonly certificate: Connection['certificate'];
  user: UserInfo | undefined;
  /** Set by the protocol's own module. */
  retire: () => void = () => {};

  constructor(socket: TLSSocket) {
    this.remoteAddress = socket.remoteAddress ?? '';
    this.certificate = verifiedSubject(socket);
  }
}

/** Subject of the peer's certificate if it was verified against the cluster's CA. */
function verifiedSubject(socket: TLSSocket): Connection['certificate'] {
  if (!socket.authorized) return undefined;
  const peer = socket.getPeerCertificate();
  const subject = peer?.subject as Record<string, string | string[] | undefined> | undefined;
  const names = asList(subject?.['CN']);
  if (!names[0]) return undefined;
  const sha256 = peer.fingerprint256.replaceAll(':', '').toLowerCase();
  return { commonName: names[0], organizations: asList(subject?.['O']), sha256 };
}

function asList(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
