import { nodes as nodesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { secondsOf, stepFor, ttlAnnotation } from './plan.ts';

/** Tells kubelets, by an annotation of their nodes, how long they may keep Secrets and ConfigMaps before they ask again. */
export const ttlController: ControllerDescriptor = {
  name: 'ttl-controller',
  account: 'ttl-controller',
  build({ name, informers, client, clock, log }) {
    const nodes = informers.of(nodesRef);
    let step = 0;
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(nodes),
      async reconcile({ key, signal }) {
        const node = nodes.get(key);
        const value = String(secondsOf(step));
        if (!node || node.metadata.annotations?.[ttlAnnotation] === value) return;
        const body = { metadata: { annotations: { [ttlAnnotation]: value } } };
        try {
          await client.resource(nodesRef).patch({ name: key }, { type: 'strategic', body }, { signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const counted = () => {
      const before = step;
      step = stepFor(nodes.size, step);
      if (step !== before) for (const node of nodes.values()) reconciler.add(keyOf(node));
    };
    nodes.on({
      added: (node) => {
        counted();
        reconciler.add(keyOf(node));
      },
      updated: (old, node) => {
        const ttlOf = ({ metadata }: typeof node) => metadata.annotations?.[ttlAnnotation];
        if (ttlOf(old) !== ttlOf(node)) reconciler.add(keyOf(node));
      },
      deleted: counted,
    });
    return reconciler;
  },
};
