import { isNotFound } from './errors.ts';
import type { EngineRequests } from './requests.ts';
import type { Filters, NetworkInspect } from './types.ts';

/** The networks of an engine. */
export class EngineNetworks {
  readonly #requests: EngineRequests;

  constructor(requests: EngineRequests) {
    this.#requests = requests;
  }

  async create(
    name: string,
    network: { subnet: string; gateway: string; labels: Readonly<Record<string, string>>; mtu?: number },
    signal?: AbortSignal,
  ): Promise<string> {
    const body = {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: network.subnet, Gateway: network.gateway }] },
      Labels: network.labels,
      Options: { 'com.docker.network.bridge.enable_icc': 'true' },
    };
    const request = { method: 'POST', path: '/networks/create', body, signal } as const;
    return (await this.#requests.send<{ Id: string }>(request)).Id;
  }

  inspect(name: string, signal?: AbortSignal): Promise<NetworkInspect | undefined> {
    return this.#requests.found(this.#requests.json('GET', `/networks/${name}`, {}, signal));
  }

  list(filters: Filters, signal?: AbortSignal): Promise<NetworkInspect[]> {
    return this.#requests.json('GET', '/networks', { filters: JSON.stringify(filters) }, signal);
  }

  async remove(id: string, signal?: AbortSignal): Promise<void> {
    await this.#requests.unless(isNotFound, this.#requests.act('DELETE', `/networks/${id}`, {}, signal));
  }

  connect(network: string, container: string, address: string, signal?: AbortSignal): Promise<void> {
    const body = { Container: container, EndpointConfig: { IPAMConfig: { IPv4Address: address } } };
    return this.#requests.send({ method: 'POST', path: `/networks/${network}/connect`, body, signal });
  }

  disconnect(network: string, container: string, signal?: AbortSignal): Promise<void> {
    const body = { Container: container };
    return this.#requests.send({ method: 'POST', path: `/networks/${network}/disconnect`, body, signal });
  }
}
