import type { ControllerDescriptor } from './controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { endpointsController } from './endpoints/controller.ts';
import { endpointSliceController } from './endpointslice/controller.ts';
import { garbageCollector } from './gc/controller.ts';
import { namespaceController } from './namespace/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';
import { rootCaController } from './root-ca/controller.ts';
import { serviceAccountController } from './serviceaccount/controller.ts';

/** Every controller, in the order in which they start. */
export const controllers: readonly ControllerDescriptor[] = [
  serviceAccountController,
  rootCaController,
  namespaceController,
  replicaSetController,
  deploymentController,
  endpointSliceController,
  endpointsController,
  garbageCollector,
];
