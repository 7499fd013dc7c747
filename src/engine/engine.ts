import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { EngineConnection } from './connection.ts';
import { EngineContainers } from './containers.ts';
import type { Endpoint } from './endpoint.ts';
import { EngineImages } from './images.ts';
import { EngineNetworks } from './networks.ts';
import { EngineRequests } from './requests.ts';
import { Turns } from './turns.ts';
import type { EngineInfo, EngineVersion, Filters } from './types.ts';
import { EngineVolumes } from './volumes.ts';

/** A Docker Engine (or what speaks its API). Knows containers, images, networks and volumes; nothing about pods. */
export class Engine {
  readonly version: EngineVersion;
  readonly containers: EngineContainers;
  readonly images: EngineImages;
  readonly networks: EngineNetworks;
  readonly volumes: EngineVolumes;
  readonly #connection: EngineConnection;
  readonly #requests: EngineRequests;
  readonly #endings = new Turns();

  constructor(connection: EngineConnection, version: EngineVersion, clock: Clock) {
    this.#connection = connection;
    this.version = version;
    this.#requests = new EngineRequests(connection);
    this.containers = new EngineContainers(this.#requests, clock);
    this.images = new EngineImages(this.#requests);
    this.networks = new EngineNetworks(this.#requests);
    this.volumes = new EngineVolumes(this.#requests);
  }

  get endpoint(): Endpoint {
    return this.#connection.endpoint;
  }

  /** Whether the engine runs on this machine's own kernel, so that its networks may be reachable from here. */
  get isLocalSocket(): boolean {
    return this.#connection.endpoint.type === 'socket';
  }

  close(): void {
    this.#connection.close();
  }

  info(signal?: AbortSignal): Promise<EngineInfo> {
    return this.#requests.json('GET', '/info', {}, signal);
  }

  /** Ends containers that have network endpoints of their own, one at a time: see `Turns`. */
  inTurn<T>(end: () => Promise<T>): Promise<T> {
    return this.#endings.run(end);
  }

  /** The event stream as lines of JSON, from `since` ("seconds.nanoseconds") on. */
  events(filters: Filters, since: string | undefined, signal: AbortSignal): Promise<Readable> {
    const query = { filters: JSON.stringify(filters), ...(since !== undefined && { since }) };
    return this.#requests.stream({ method: 'GET', path: '/events', query, signal });
  }
}
