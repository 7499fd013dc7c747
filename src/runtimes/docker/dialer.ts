import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Dialer, DialTarget } from '../../node/gateway.ts';
import { label, labelsOf } from './names.ts';
import type { DockerNode } from './node.ts';
import type { DockerNodes } from './nodes.ts';
import { ScriptError } from './shell.ts';
import { type Anchor, checkListener, openDoor, openRelay, relayCode } from './wiring.ts';

/** Ports of a node that lead, for the host alone, to pods. */
const doors = { first: 61_000, last: 64_999 };
/** A door stays open this long; one used again within half of it is used as it is. Milliseconds. */
const doorLife = 120_000;

interface PodAnchor extends Anchor {
  readonly address: string;
}

interface Door {
  readonly port: number;
  readonly openedAt: number;
  readonly ready: Promise<void>;
}

/**
 * Reaches pods and nodes from this process. Where the host has the cluster network's gateway address, connections go
 * straight to the node's address: to a door, an nft element that only connections from the gateway use.
 * A pod's loopback has a one-shot relay before it. Elsewhere a relay's streams are carried by the engine.
 */
export class DockerDialer implements Dialer {
  readonly #engine: Engine;
  readonly #nodes: DockerNodes;
  readonly #gateway: string;
  readonly #clock: Clock;
  readonly #doors = new Map<string, Door>();
  readonly #anchors = new Map<string, PodAnchor>();
  #nextDoor: number = doors.first;
  #direct: boolean | undefined;

  constructor(engine: Engine, nodes: DockerNodes, gateway: string, clock: Clock) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#gateway = gateway;
    this.#clock = clock;
  }

  dial(target: DialTarget, signal: AbortSignal): Promise<Duplex> {
    const node = this.#nodes.get(target.node);
    switch (target.to) {
      case 'pod':
        if (!this.#isDirect()) return this.#relayed(node, target.address, target.port, signal);
        if (target.address === node.address) return connectTo(node.address, target.port, signal);
        return this.#throughDoor(node, target.address, target.port, signal);
      case 'node':
        if (this.#isDirect()) return connectTo(node.address, target.port, signal);
        return this.#relayed(node, '127.0.0.1', target.port, signal);
      case 'pod-loopback':
        return this.#loopback(node, target.uid, target.port, signal);
    }
  }

  /** Whether this host owns the cluster network's gateway address, so that nodes can be reached from here. */
  #isDirect(): boolean {
    this.#direct ??= Object.values(networkInterfaces()).some((list) => list?.some((a) => a.address === this.#gateway));
    return this.#direct;
  }

  async #throughDoor(node: DockerNode, address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const key = `${node.running.startedAt} ${address} ${port}`;
    const now = this.#clock.steady();
    let door = this.#doors.get(key);
    if (!door || now - door.openedAt > doorLife / 2) {
      this.#forgetOldDoors(now);
      const number = this.#takeDoor();
      const script = openDoor(number, address, port, doorLife / 1000);
      door = { port: number, openedAt: now, ready: node.net.run(script).then(() => undefined) };
      this.#doors.set(key, door);
    }
    try {
      await door.ready;
    } catch (error) {
      this.#doors.delete(key);
      throw error;
    }
    return connectTo(node.address, door.port, signal);
  }

  #takeDoor(): number {
    const door = this.#nextDoor;
    this.#nextDoor = door === doors.last ? doors.first : door + 1;
    return door;
  }

  #forgetOldDoors(now: number): void {
    for (const [key, door] of this.#doors) if (now - door.openedAt > doorLife) this.#doors.delete(key);
  }

  async #loopback(node: DockerNode, podUid: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const anchor = await this.#anchor(node, podUid, signal);
    try {
      if (!this.#isDirect()) {
        await node.net.run(checkListener(anchor, port), signal);
        const inside = ['/sbin/nsenter', '-t', String(anchor.pid), '-n'];
        return await this.#relayed(node, '127.0.0.1', port, signal, inside);
      }
      const { address } = anchor;
      const [relayPort, door] = [this.#takeDoor(), this.#takeDoor()];
      const ownDoor = address === node.address ? [] : [openDoor(door, address, relayPort, doorLife / 1000)];
      const relay = openRelay(anchor, { address, relayPort, client: this.#gateway, port });
      await node.net.run(['set -e', checkListener(anchor, port), relay, ...ownDoor].join('\n'), signal);
      const at = ownDoor.length > 0 ? door : relayPort;
      return await this.#soon(signal, () => connectTo(node.address, at, signal));
    } catch (error) {
      const code = error instanceof ScriptError ? error.code : 0;
      if (code === relayCode.gone && this.#anchors.delete(podUid)) {
        return this.#loopback(node, podUid, port, signal);
      }
      if (code === relayCode.refused) {
        throw Object.assign(new Error((error as Error).message, { cause: error }), { code: 'ECONNREFUSED' });
      }
      throw error;
    }
  }

  /** The relay needs a moment to listen. */
  async #soon(signal: AbortSignal, dial: () => Promise<Duplex>): Promise<Duplex> {
    const end = this.#clock.steady() + 3000;
    for (;;) {
      try {
        return await dial();
      } catch (error) {
        if ((error as { code?: string }).code !== 'ECONNREFUSED' || this.#clock.steady() > end) throw error;
        await this.#clock.sleep(1, signal);
      }
    }
  }

  /** A process in the pod's network namespace, and the pod's address. Whoever uses it checks that it is still true. */
  async #anchor(node: DockerNode, podUid: string, signal: AbortSignal): Promise<PodAnchor> {
    const known = this.#anchors.get(podUid);
    if (known) return known;
    const sandboxes = await this.#nodes.sandboxes(node.name, signal, podUid);
    const mine = sandboxes.find((c) => c.State === 'running');
    const found = mine && (await this.#engine.containers.inspect(mine.Id, signal));
    if (!found?.State.Running) throw new Error(`the sandbox of pod ${podUid} does not run`);
    const anchor = { pid: found.State.Pid, containerId: found.Id, address: labelsOf(found)[label.address] ?? '' };
    // A memory of the pods dialled lately, not of all there ever were.
    if (this.#anchors.size >= 256) this.#anchors.clear();
    this.#anchors.set(podUid, anchor);
    return anchor;
  }

  /** A relay inside the node whose streams the engine carries: works wherever the engine can be reached. */
  async #relayed(
    node: DockerNode,
    host: string,
    port: number,
    signal: AbortSignal,
    inside: readonly string[] = [],
  ): Promise<Duplex> {
    // This program half-closes on the end of its input and ends with the connection, which is just what is wanted.
    const command = [...inside, '/bin/nc', host, String(port)];
    const process = await this.#engine.containers.exec(node.running.id, { command, stdin: true, tty: false }, signal);
    process.stderr?.resume();
    const { stdin, stdout } = process;
    const ends = { readable: stdout, writable: stdin } as unknown as Parameters<typeof Duplex.from>[0];
    const duplex = Duplex.from(ends);
    duplex.on('error', () => undefined);
    duplex.on('close', () => process.kill());
    return duplex;
  }
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    socket.once('close', () => signal.removeEventListener('abort', abort));
  });
}
