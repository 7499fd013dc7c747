import type { Logger } from '../../base/log.ts';
import type { Engine } from '../../engine/engine.ts';
import { isConflict } from '../../engine/errors.ts';
import type { ContainerInspect } from '../../engine/types.ts';
import type { NodeSpec } from '../../node/runtime.ts';
import { type ClusterIdentity, label, labelsOf, nodeContainerName } from './names.ts';
import type { ClusterNetwork } from './network.ts';
import { nodeContainer } from './node-container.ts';
import { NodeShell } from './shell.ts';
import { AddressPool } from './subnets.ts';
import { hostRoot, type Peer, programNode } from './wiring.ts';

/** A node's container, as found running. */
export interface RunningNode {
  readonly id: string;
  readonly startedAt: string;
}

/**
 * One node of the cluster: its container and what this process keeps open to it. Nothing here outlives the container:
 * after a restart of either, `ensure` finds everything again from labels.
 */
export class DockerNode {
  readonly name: string;
  readonly podCIDR: string;
  /** On the cluster network; the same for the container's whole life. */
  readonly address: string;
  readonly pool: AddressPool;
  readonly #engine: Engine;
  readonly #log: Logger;
  #running: RunningNode | undefined;
  #shells: { net: NodeShell; files: NodeShell } | undefined;

  constructor(engine: Engine, log: Logger, name: string, podCIDR: string, address: string) {
    this.#engine = engine;
    this.#log = log.child({ node: name });
    this.name = name;
    this.podCIDR = podCIDR;
    this.address = address;
    // The network's own address, and one for whoever wants to be a gateway some day.
    this.pool = new AddressPool(podCIDR, 2);
  }

  get peer(): Peer {
    return { name: this.name, address: this.address, podCIDR: this.podCIDR };
  }

  /** The container's id; throws while the machine does not run. */
  get running(): RunningNode {
    if (!this.#running) throw new Error(`node ${this.name} does not run`);
    return this.#running;
  }

  get runs(): boolean {
    return this.#running !== undefined;
  }

  /** For wiring: short scripts that pods wait for. */
  get net(): NodeShell {
    return this.#open().net;
  }

  /** For files: what is written there may be long. */
  get files(): NodeShell {
    return this.#open().files;
  }

  /** Starts the container, making it first where there is none. */
  async start(
    cluster: ClusterIdentity,
    network: ClusterNetwork,
    image: string,
    spec: NodeSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const name = nodeContainerName(cluster.name, this.name);
    let found = await this.#engine.containers.inspect(name, signal);
    const down = !found?.State.Running;
    if (!found) {
      const config = nodeContainer(cluster, network, image, spec, this.address);
      try {
        await this.#engine.containers.create(name, config, signal);
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    if (down) {
      await this.#engine.containers.start(name, signal);
      found = await this.#engine.containers.inspect(name, signal);
    }
    if (!found?.State.Running) throw new Error(`node ${this.name} ended as soon as it was started: ${diagnose(found)}`);
    if (found.State.Paused) throw new Error(`node ${this.name} is paused`);
    if (!found.NetworkSettings.Networks[network.name]) {
      throw new Error(`node ${this.name} is disconnected from the network ${network.name}`);
    }
    const startedAt = found.State.StartedAt;
    if (this.#running?.startedAt !== startedAt || this.#running.id !== found.Id) {
      this.stopped();
      this.#running = { id: found.Id, startedAt };
    }
  }

  /** Writes forwarding, rules and routes; returns the size of the disk the pods' files are on. */
  async program(peers: readonly Peer[], network: ClusterNetwork, signal: AbortSignal): Promise<{ diskBytes: number }> {
    const script = programNode(this.peer, peers, network.subnets, network.gateway);
    const disk = `${hostRoot}; df -k $H/var/lib | tail -1 | awk '{print "disk", $2}'`;
    const output = await this.net.run(`${script}\n${disk}`, signal);
    return { diskBytes: Number(/^disk (\d+)/m.exec(output)?.[1] ?? 0) * 1024 };
  }

  /** Gives all other nodes' pods a way to a node that has come. */
  async route(peer: Peer, signal: AbortSignal): Promise<void> {
    await this.net.run(`/sbin/ip route replace ${peer.podCIDR} via ${peer.address}`, signal);
  }

  /** The container is down: what was open to it is closed. */
  stopped(): void {
    this.#running = undefined;
    this.#shells?.net.close();
    this.#shells?.files.close();
    this.#shells = undefined;
  }

  #open(): { net: NodeShell; files: NodeShell } {
    const { id } = this.running;
    this.#shells ??= {
      net: new NodeShell(this.#engine, id, this.#log),
      files: new NodeShell(this.#engine, id, this.#log),
    };
    return this.#shells;
  }
}

function diagnose(found: ContainerInspect | undefined): string {
  return found ? found.State.Error || `exit code ${found.State.ExitCode}` : 'it is gone';
}

/** A node found by the labels of its container. */
export function nodeFromLabels(inspected: ContainerInspect): { name: string; podCIDR: string; address: string } {
  const labels = labelsOf(inspected);
  return {
    name: labels[label.node] ?? '',
    podCIDR: labels[label.podCIDR] ?? '',
    address: labels[label.address] ?? '',
  };
}
