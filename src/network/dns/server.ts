import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type BlockList, createServer, type Server, type Socket } from 'node:net';
import { type Answer, decode, encode, RECURSION_DESIRED, type RecordType } from 'dns-packet';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import { encodeReply, parseQuery, type Query, type Reply, rcode } from './answer.ts';
import { Upstream } from './upstream.ts';
import { resolve, soa, type ZoneSource } from './zone.ts';

export interface DnsOptions {
  readonly zone: ZoneSource;
  /** "cluster.local". */
  readonly domain: string;
  /** Who is answered; everybody else is ignored. */
  readonly clients: BlockList;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Settings of the machine's resolver; the usual place unless given. */
  readonly resolvConf?: string;
}

/** Connections that say nothing are closed. Milliseconds. */
const idle = 10_000;
/** Chains of ExternalName Services are followed this far. */
const longestChain = 8;

/** The cluster's DNS server: answers for the cluster's zone itself, asks the machine's name servers for the rest. */
export class DnsServer {
  readonly #options: DnsOptions;
  readonly #connections = new Set<Socket>();
  readonly #stop = new AbortController();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #upstream: Upstream;

  constructor(options: DnsOptions) {
    this.#options = options;
    this.#upstream = new Upstream(options.clock, [], options.resolvConf);
  }

  /** Listens over UDP and TCP on one port; 0 takes any that is free for both. Resolves with the port. */
  async listen(address: string, port: number): Promise<number> {
    this.#upstream = new Upstream(this.#options.clock, [address], this.#options.resolvConf);
    for (let tries = 0; ; tries++) {
      const udp = createSocket('udp4');
      udp.on('error', (error) => this.#options.log.warn('cluster DNS socket failed', { error }));
      udp.bind(port, address);
      await once(udp, 'listening');
      const chosen = udp.address().port;
      const tcp = createServer((socket) => this.#accept(socket));
      try {
        tcp.listen(chosen, address);
        await once(tcp, 'listening');
      } catch (error) {
        udp.close();
        tcp.close();
        if (port !== 0 || tries > 20) throw error;
        continue;
      }
      tcp.on('error', (error) => this.#options.log.warn('cluster DNS listener failed', { error }));
      udp.on('message', (message, from) => this.#received(udp, message, from));
      this.#udp = udp;
      this.#tcp = tcp;
      return chosen;
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new DOMException('the DNS server has closed', 'AbortError'));
    for (const socket of this.#connections) socket.destroy();
    const closed: Promise<unknown>[] = [];
    if (this.#udp) closed.push(new Promise<void>((done) => this.#udp!.close(() => done())));
    if (this.#tcp) closed.push(new Promise<void>((done) => this.#tcp!.close(() => done())));
    await Promise.all(closed);
  }

  #received(udp: UdpSocket, message: Buffer, from: RemoteInfo): void {
    if (!this.#options.clients.check(from.address, 'ipv4')) return;
    this.#answer(message, 'udp').then(
      (answer) => {
        if (answer && !this.#stop.signal.aborted) udp.send(answer, from.port, from.address, () => undefined);
      },
      (error) => this.#failed(error),
    );
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined);
    if (!this.#options.clients.check(socket.remoteAddress ?? '', 'ipv4')) return void socket.destroy();
    this.#connections.add(socket);
    const hangUp = () => socket.destroy();
    let timer = this.#options.clock.after(idle, hangUp);
    socket.on('close', () => {
      timer.cancel();
      this.#connections.delete(socket);
    });
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      timer.cancel();
      timer = this.#options.clock.after(idle, hangUp);
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2) {
        const end = received.readUInt16BE(0) + 2;
        if (received.length < end) return;
        const message = Buffer.from(received.subarray(2, end));
        received = received.subarray(end);
        this.#answer(message, 'tcp').then(
          (answer) => {
            if (!answer || socket.destroyed) return;
            const length = Buffer.alloc(2);
            length.writeUInt16BE(answer.length);
            socket.write(Buffer.concat([length, answer]));
          },
          (error) => this.#failed(error),
        );
      }
    });
  }

  #failed(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#options.log.error('a DNS question could not be answered', { error });
  }

  /** The answer to one message; undefined for what is not a question at all. */
  async #answer(message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const query = parseQuery(message);
    if (!query) return undefined;
    if (query.opcode !== 0) {
      return encodeReply(query, { code: rcode.notImplemented, authoritative: false }, transport);
    }
    const reply = await this.#local(query);
    return reply ? encodeReply(query, reply, transport) : this.#forward(query, message, transport);
  }

  /** What the cluster itself says; undefined when others must be asked. */
  async #local(query: Query): Promise<Reply | undefined> {
    const { zone, domain } = this.#options;
    const answers: Answer[] = [];
    let name = query.name;
    for (let hop = 0; hop < longestChain; hop++) {
      const found = resolve({ name, type: query.type }, domain, zone);
      if (!found) {
        if (hop === 0) return undefined;
        answers.push(...(await this.#lookUp(name, query.type)));
        return { code: rcode.ok, authoritative: true, answers };
      }
      answers.push(...this.#rotated(found.answers));
      if (found.follow === undefined || query.type === 'CNAME') {
        const authorities = answers.length === 0 ? [soa(domain)] : [];
        const code = found.found || answers.length > 0 ? rcode.ok : rcode.noSuchName;
        return { code, authoritative: true, answers, authorities, additionals: found.additionals };
      }
      name = found.follow;
    }
    return { code: rcode.serverFailure, authoritative: true };
  }

  /** The records of a name outside the cluster at which an ExternalName Service points; none when nobody knows them. */
  async #lookUp(name: string, type: string): Promise<Answer[]> {
    const id = Math.floor(this.#options.ids.random() * 0x10000);
    const message = encode({
      type: 'query',
      id,
      flags: RECURSION_DESIRED,
      questions: [{ name, type: type as RecordType, class: 'IN' }],
    });
    try {
      return decode(await this.#upstream.ask(message, 'udp', this.#stop.signal)).answers ?? [];
    } catch {
      // Nobody outside answered; a name that is not found is told the same way.
      return [];
    }
  }

  async #forward(query: Query, message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer> {
    try {
      return await this.#upstream.ask(message, transport, this.#stop.signal);
    } catch {
      // Nobody outside answered.
      return encodeReply(query, { code: rcode.serverFailure, authoritative: false }, transport);
    }
  }

  /** Begins at a different record each time, so that clients that take the first one spread. */
  #rotated(answers: readonly Answer[]): readonly Answer[] {
    if (answers.length < 2) return answers;
    const start = Math.floor(this.#options.ids.random() * answers.length);
    return [...answers.slice(start), ...answers.slice(0, start)];
  }
}
