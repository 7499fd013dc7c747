import {
  nodes as nodesRef,
  pods as podsRef,
  services as servicesRef,
  endpointSlices as slicesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { serviceOfSlice, slicesByService, writeSlices } from '../endpoint-slices.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { echoDelay, gatherDelay, hasSelector, selectedPods, watchServices } from '../service-pods.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { managedBy, planSlices } from './plan.ts';

/** Keeps EndpointSlices of every Service with a selector. */
export const endpointSliceController: ControllerDescriptor = {
  name: 'endpointslice-controller',
  account: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  build({ client, informers, clock, log, name, recorder }) {
    const services = informers.of(servicesRef);
    const pods = informers.of(podsRef);
    const nodes = informers.of(nodesRef);
    const slices = informers.of(slicesRef).index(byService);
    const triggers = new TriggerTimes();
    /** How many pods each Service had when it was last looked at. */
    const sizes = new Map<string, number>();
    const zoneOf = (node: string) => nodes.get(node)?.metadata.labels?.['topology.kubernetes.io/zone'];
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(services, pods, nodes, slices),
      async reconcile({ key, signal }) {
        const service = services.get(key);
        if (!service) {
          triggers.forget(key);
          sizes.delete(key);
          return;
        }
        if (!hasSelector(service) || service.metadata.deletionTimestamp) return;
        const selected = selectedPods(service, pods);
        sizes.set(key, selected.length);
        const own = slices.by(byService, key).filter((slice) => !slice.metadata.deletionTimestamp);
        const plan = planSlices(service, selected, own, zoneOf, triggers.next(key, service, selected));
        try {
          await writeSlices(client, plan, signal);
        } catch (error) {
          if (isNamespaceGoing(error)) return;
          if (!isStatus(error, 'Conflict')) {
            const text = `Error updating Endpoint Slices for Service ${key}: ${errorText(error)}`;
            recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
          }
          throw error;
        }
      },
    });
    watchServices(services, pods, (key, byPod) =>
      reconciler.addAfter(key, byPod ? gatherDelay(sizes.get(key) ?? 0) : 0),
    );
    const changed = (slice: EndpointSlice) => {
      const service = serviceOfSlice(slice, managedBy);
      if (service) reconciler.addAfter(service, echoDelay(sizes.get(service) ?? 0));
    };
    slices.on({
      added: (slice, initial) => initial || changed(slice),
      updated: (_, slice) => changed(slice),
      deleted: changed,
    });
    nodes.on({
      updated: (old, node) => {
        const zone = 'topology.kubernetes.io/zone';
        if (old.metadata.labels?.[zone] === node.metadata.labels?.[zone]) return;
        for (const service of services.values()) reconciler.add(keyOf(service));
      },
    });
    return reconciler;
  },
};

const byService = slicesByService(managedBy);
