import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';

/** How long one upstream server may take. Milliseconds. */
const patience = 2000;
/** How long the machine's resolver settings are believed. Milliseconds. */
const settingsLife = 5000;
const resolvConf = '/etc/resolv.conf';

/** Name servers in resolv.conf's text, without those that would ask us again. */
export function nameservers(text: string, own: readonly string[]): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((found) => found[1]!.split('%')[0]!)
    .filter((address) => !own.includes(address));
}

/** Asks the machine's own name servers, one after another. */
export class Upstream {
  readonly #clock: Clock;
  readonly #own: readonly string[];
  readonly #path: string;
  #servers: string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** `own` addresses are never asked: that would be a loop. */
  constructor(clock: Clock, own: readonly string[], path = resolvConf) {
    this.#clock = clock;
    this.#own = own;
    this.#path = path;
  }

  /** The answer's bytes, as they came; throws when no server answers. */
  async ask(query: Buffer, transport: 'udp' | 'tcp', signal: AbortSignal): Promise<Buffer> {
    let failure: unknown = new Error('the machine has no name server');
    for (const server of await this.#current()) {
      try {
        return await (transport === 'udp' ? this.#udp(server, query, signal) : this.#tcp(server, query, signal));
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  async #current(): Promise<string[]> {
    const now = this.#clock.steady();
    if (now - this.#readAt > settingsLife) {
      this.#readAt = now;
      this.#servers = nameservers(await readFile(this.#path, 'utf8').catch(() => ''), this.#own);
    }
    return this.#servers;
  }

  /** A socket of its own, and so a port of its own, for every question: answers are hard to forge. */
  #udp(server: string, query: Buffer, signal: AbortSignal): Promise<Buffer> {
    return this.#within(signal, (resolve, reject) => {
      const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
      socket.on('error', reject);
      socket.on('message', (answer) => {
        if (answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0)) resolve(answer);
      });
      // Connected: packets from elsewhere are not delivered, and a refusal is heard.
      socket.connect(53, server, () => socket.send(query));
      return () => socket.close();
    });
  }

  #tcp(server: string, query: Buffer, signal: AbortSignal): Promise<Buffer> {
    return this.#within(signal, (resolve, reject) => {
      const socket = connect({ host: server, port: 53 });
      let received: Buffer = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the name server hung up')));
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2) return;
        const length = received.readUInt16BE(0);
        if (received.length >= length + 2) resolve(received.subarray(2, length + 2));
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
      return () => socket.destroy();
    });
  }

  #within(
    signal: AbortSignal,
    start: (resolve: (answer: Buffer) => void, reject: (error: Error) => void) => () => void,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let stop: (() => void) | undefined;
      let ended = false;
      const end = (settle: () => void) => {
        if (ended) return;
        ended = true;
        timer.cancel();
        signal.removeEventListener('abort', abort);
        stop?.();
        settle();
      };
      const abort = () => end(() => reject(signal.reason));
      const timer = this.#clock.after(patience, () => end(() => reject(new Error('the name server does not answer'))));
      signal.addEventListener('abort', abort, { once: true });
      stop = start(
        (answer) => end(() => resolve(answer)),
        (error) => end(() => reject(error)),
      );
      if (ended) stop();
    });
  }
}
