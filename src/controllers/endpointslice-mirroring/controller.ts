import {
  endpoints as endpointsRef,
  services as servicesRef,
  endpointSlices as slicesRef,
} from '../../api/kinds.gen.ts';
import type { Endpoints, Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { serviceOfSlice, slicesByService, writeSlices } from '../endpoint-slices.ts';
import { isNamespaceGoing } from '../namespace-going.ts';
import { managedBy, maxEndpointsPerSubset, planMirror, wantsMirror } from './plan.ts';

const byService = slicesByService(managedBy);

/** Shows the Endpoints that users write for Services without selector as EndpointSlices, which is what proxies read. */
export const endpointSliceMirroringController: ControllerDescriptor = {
  name: 'endpointslice-mirroring-controller',
  account: 'endpointslicemirroring-controller',
  component: 'endpoint-slice-mirroring-controller',
  build({ name, client, informers, recorder, clock, log }) {
    const services = informers.of(servicesRef);
    const endpoints = informers.of(endpointsRef);
    const slices = informers.of(slicesRef).index(byService);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(services, endpoints, slices),
      async reconcile({ key, signal }) {
        const current = endpoints.get(key);
        const own = slices.by(byService, key).filter((slice) => !slice.metadata.deletionTimestamp);
        const plan = planMirror(services.get(key), current, own);
        if (current) tellSkipped(current, plan.invalid, plan.skipped);
        try {
          await writeSlices(client, plan, signal);
        } catch (error) {
          if (!isNamespaceGoing(error)) throw error;
        }
      },
    });
    const tellSkipped = (object: Endpoints, invalid: number, skipped: number) => {
      if (invalid > 0) {
        const text = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
        recorder.event(object, 'Warning', 'InvalidIPAddress', text);
      }
      if (skipped <= invalid) return;
      const text = `A max of ${maxEndpointsPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      recorder.event(object, 'Warning', 'TooManyAddressesToMirror', text);
    };
    const ofService = (service: Service) => {
      if (service.spec?.selector === undefined) reconciler.add(keyOf(service));
    };
    services.on({
      added: ofService,
      updated: (old, service) => {
        if ((old.spec?.selector === undefined) !== (service.spec?.selector === undefined))
          reconciler.add(keyOf(service));
      },
      deleted: ofService,
    });
    const ofEndpoints = (...versions: Endpoints[]) => {
      if (versions.some(wantsMirror)) reconciler.add(keyOf(versions[0]!));
    };
    endpoints.on({
      added: (object) => ofEndpoints(object),
      updated: (old, object) => ofEndpoints(old, object),
      deleted: (object) => ofEndpoints(object),
    });
    const changed = (...versions: EndpointSlice[]) => {
      for (const slice of versions) {
        const service = serviceOfSlice(slice, managedBy);
        if (service) reconciler.add(service);
      }
    };
    slices.on({ added: (slice) => changed(slice), updated: changed, deleted: (slice) => changed(slice) });
    return reconciler;
  },
};
