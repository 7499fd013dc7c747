import { endpoints as endpointsRef, pods as podsRef, services as servicesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Endpoints } from '../../api/types/core-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { echoDelay, gatherDelay, hasSelector, selectedPods, watchServices } from '../service-pods.ts';
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
    /** How many pods each Service had when it was last looked at. */
    const sizes = new Map<string, number>();
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
          sizes.delete(key);
          if (current) await remove(key, current.metadata.uid!, signal);
          return;
        }
        if (!hasSelector(service)) return;
        const selected = selectedPods(service, pods);
        sizes.set(key, selected.length);
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
    watchServices(services, pods, (key, byPod) =>
      reconciler.addAfter(key, byPod ? gatherDelay(sizes.get(key) ?? 0) : 0),
    );
    // Endpoints without a Service are their writer's own: they must not be looked at, lest they be removed.
    const changed = (object: Endpoints) => {
      const key = keyOf(object);
      if (services.get(key)) reconciler.addAfter(key, echoDelay(sizes.get(key) ?? 0));
    };
    endpoints.on({ deleted: changed, updated: (_, object) => changed(object) });
    return reconciler;
  },
};
