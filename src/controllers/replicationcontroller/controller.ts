import { replicationControllers } from '../../api/kinds.gen.ts';
import { LabelSelector, labelsAsSelector } from '../../api/selector.ts';
import type { ReplicationController } from '../../api/types/core-v1.gen.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { ReplicaManager } from '../replica-manager.ts';

/** Keeps the number of pods that a ReplicationController asks for. */
export const replicationController: ControllerDescriptor = {
  name: 'replicationcontroller-controller',
  account: 'replication-controller',
  component: 'replication-controller',
  build(context) {
    return new ReplicaManager(context, {
      ref: replicationControllers,
      selectorOf,
      trimStatus: ({ terminatingReplicas: _, ...status }) => status,
    }).reconciler;
  },
};

/** A plain label map; an empty one selects nothing. */
function selectorOf({ spec }: ReplicationController): LabelSelector {
  const labels = spec?.selector ?? {};
  return Object.keys(labels).length > 0 ? labelsAsSelector(labels) : LabelSelector.nothing;
}
