import { endpoints as endpointsRef, pods as podsRef, services as servicesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Endpoints } from '../../api/types/core-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { hasSelector, selectedPods, watchServices } from '../service-pods.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { planEndpoints } from './plan.ts';

/** Keeps the old Endpoints object of every Service with a selector. */
export const endpointsController: ControllerDescriptor = {
  name: 'endpoints-controller',
  account: 'endpoint-controller',
  component: 'endpoint-controller',
  build({ name, client, informers, recorder, clock, log }) {
    const services = informers.of(servicesRef);
    const pods = informers.of(podsRef);
    const endpoints = informers.of(endpointsRef);
    const writer = client.resource(endpointsRef);
    const triggers = new TriggerTimes();
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(services, pods, endpoints),
      async reconcile({ key, signal }) {
        const service = services.get(key);
        const current = endpoints.get(key);
        if (!service) {
          triggers.forget(key);
          if (current) await remove(key, current.metadata.uid!, signal);
          return;
        }
        if (!hasSelector(service)) return;
        const selected = selectedPods(service, pods);
        const wanted = planEndpoints(service, selected, current, triggers.next(key, service, selected));
        if (!wanted) return;
        try {
          await (current ? writer.update(wanted, { signal }) : writer.create(wanted, { signal }));
        } catch (error) {
          if (isNamespaceGoing(error)) return;
          const [reason, verb] = current ? ['FailedToUpdateEndpoint', 'update'] : ['FailedToCreateEndpoint', 'create'];
          const text = `Failed to ${verb} endpoint ${key}: ${errorText(error)}`;
          if (!isStatus(error, 'Conflict')) recorder.event(wanted, 'Warning', reason!, text);
          throw error;
        }
      },
    });
    const remove = async (key: string, uid: string, signal: AbortSignal) => {
      try {
        await writer.delete(parseKey(key), { preconditions: { uid }, signal });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    };
    watchServices(services, pods, (key) => reconciler.add(key));
    // Endpoints without a Service are their writer's own: they must not be looked at, lest they be removed.
    const changed = (object: Endpoints) => {
      if (services.get(keyOf(object))) reconciler.add(keyOf(object));
    };
    endpoints.on({ deleted: changed, updated: (_, object) => changed(object) });
    return reconciler;
  },
};
