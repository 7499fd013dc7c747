import { nodes as nodesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { SubnetPool } from './plan.ts';

/** Gives every node a subnet of the pod range. */
export const nodeIpamController: ControllerDescriptor = {
  name: 'node-ipam-controller',
  account: 'node-controller',
  component: 'cidrAllocator',
  build({ name, client, informers, recorder, clock, log, podCIDR }) {
    const nodes = informers.of(nodesRef);
    const pool = new SubnetPool(podCIDR);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      // One after the other, so that subnets are given out in the order in which nodes come.
      workers: 1,
      ready: synced(nodes),
      async reconcile({ key, signal }) {
        const node = nodes.get(key);
        if (!node || node.spec?.podCIDR) return;
        const subnet = pool.next();
        if (!subnet) {
          const about = { apiVersion: 'v1', kind: 'Node', name: key, uid: node.metadata.uid! };
          recorder.event(about, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`);
          throw new Error(`no free subnet is left in ${podCIDR}`);
        }
        const { uid } = node.metadata;
        try {
          const body = { metadata: { uid }, spec: { podCIDR: subnet, podCIDRs: [subnet] } };
          await client.resource(nodesRef).mergePatch({ name: key }, body, { signal });
        } catch (error) {
          pool.release(subnet);
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    nodes.on({
      added: (node) => {
        // Taken before any is given: the reconciler starts after the first list.
        if (node.spec?.podCIDR) pool.take(node.spec.podCIDR);
        else reconciler.add(node.metadata.name!);
      },
      updated: (_, node) => {
        if (node.spec?.podCIDR) pool.take(node.spec.podCIDR);
        else reconciler.add(node.metadata.name!);
      },
      deleted: (node) => {
        if (node.spec?.podCIDR) pool.release(node.spec.podCIDR);
      },
    });
    return reconciler;
  },
};
