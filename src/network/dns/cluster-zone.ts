import { BlockList } from 'node:net';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { byNamespace, type Informer } from '../../client/informer.ts';
import { slicesByAddress, slicesByService } from '../slices.ts';
import type { ZoneSource } from './zone.ts';

const byClusterIP = indexBy<Service>('cluster-ip', (service) => service.spec?.clusterIP);

/** The addresses in a list of CIDRs. */
export function addressesIn(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = '32'] = cidr.split('/');
    list.addSubnet(address, Number(bits), 'ipv4');
  }
  return list;
}

/** The zone's contents, straight from the shared caches: nothing is kept twice. */
export function clusterZone(
  services: Informer<Service>,
  slices: Informer<EndpointSlice>,
  cidrs: readonly string[],
): ZoneSource {
  services.index(byClusterIP).index(byNamespace);
  slices.index(slicesByService).index(slicesByAddress);
  const own = addressesIn(cidrs);
  return {
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    slices: (namespace, name) => slices.by(slicesByService, `${namespace}/${name}`),
    hasNamespace: (name) => services.by(byNamespace, name).length > 0,
    serviceAt: (address) => services.by(byClusterIP, address)[0],
    slicesAt: (address) => slices.by(slicesByAddress, address),
    owns: (address) => own.check(address, 'ipv4'),
  };
}
