import type { ControllerDescriptor } from '../controller.ts';
import { provisioning } from './provision.ts';
import { provisioner } from './provision-plan.ts';
import { reclaiming } from './reclaim.ts';
import { resizing } from './resize.ts';

/**
 * krill's own volumes: folders on the disks of nodes, made when a claim of its class asks for one and removed with it.
 * It works as a provisioner outside does, by the same annotations; others may serve classes of their own beside it.
 */
export const localPathProvisioner: ControllerDescriptor = {
  name: 'local-path-provisioner',
  account: 'local-path-provisioner',
  component: provisioner,
  build(context) {
    const parts = [provisioning(context), reclaiming(context), resizing(context)];
    return {
      async run(signal) {
        await Promise.all(parts.map((part) => part.run(signal)));
      },
    };
  },
};
