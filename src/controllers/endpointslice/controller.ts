import {
  nodes as nodesRef,
  pods as podsRef,
  services as servicesRef,
  endpointSlices as slicesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { serviceOfSlice, slicesByService, writeSlices } from '../endpoint-slices.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { echoDelay, gatherDelay, hasSelector, selectedPods, watchServices } from '../service-pods.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { Hinter } from './hints.ts';
import { managedBy, planSlices } from './plan.ts';
import { ZoneSharesCache, zoneOfNode } from './zone-shares.ts';

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
    /** Services whose endpoints are to be shared out among zones: whether they are. */
    const shared = new Map<string, boolean>();
    const zoneOf = (node: string) => {
      const known = nodes.get(node);
      return known && zoneOfNode(known);
    };
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
          shared.delete(key);
          return;
        }
        if (!hasSelector(service) || service.metadata.deletionTimestamp) return;
        const selected = selectedPods(service, pods);
        sizes.set(key, selected.length);
        const own = slices.by(byService, key).filter((slice) => !slice.metadata.deletionTimestamp);
        const hinter = new Hinter(service, () => zones.shares);
        const plan = planSlices(service, selected, own, zoneOf, triggers.next(key, service, selected), hinter);
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
        tellOfSharing(service, hinter);
      },
    });
    /** Says when sharing out begins or ends, and whenever it cannot be done. */
    const tellOfSharing = (service: Service, { outcomes }: Hinter) => {
      const key = keyOf(service);
      const tell = (reason: string, text: string, family: string) =>
        recorder.event(
          service,
          reason === 'Enabled' ? 'Normal' : 'Warning',
          `TopologyAwareHints${reason}`,
          `${text}, addressType: ${family}`,
        );
      const before = shared.get(key) ?? false;
      for (const [family, why] of outcomes) {
        if (why !== undefined) tell('Disabled', why, family);
        else if (!before) tell('Enabled', 'Topology Aware Hints has been enabled', family);
      }
      if (outcomes.size > 0)
        shared.set(
          key,
          [...outcomes.values()].some((why) => why === undefined),
        );
      else if (shared.delete(key) && before) {
        const [family = 'IPv4'] = service.spec?.ipFamilies ?? [];
        tell('Disabled', 'Topology Aware Hints has been disabled', family);
      }
    };
    const zones = new ZoneSharesCache(nodes, () => {
      for (const key of shared.keys()) reconciler.add(key);
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
        if (zoneOfNode(old) === zoneOfNode(node)) return;
        for (const service of services.values()) reconciler.add(keyOf(service));
      },
    });
    return reconciler;
  },
};

const byService = slicesByService(managedBy);
