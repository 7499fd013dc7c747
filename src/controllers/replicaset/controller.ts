import { replicaSets } from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { ReplicaManager } from '../replica-manager.ts';

/** Keeps the number of pods that a ReplicaSet asks for. */
export const replicaSetController: ControllerDescriptor = {
  name: 'replicaset-controller',
  account: 'replicaset-controller',
  build(context) {
    return new ReplicaManager(context, {
      ref: replicaSets,
      selectorOf: (set) => labelSelectorOf(set.spec?.selector),
    }).reconciler;
  },
};
