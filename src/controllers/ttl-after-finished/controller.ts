import { jobs } from '../../api/kinds.gen.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { removeExpired } from '../expiring.ts';
import { expiryOf } from './plan.ts';

/** Removes finished jobs, with their pods, once they have outlived their `ttlSecondsAfterFinished`. */
export const ttlAfterFinishedController: ControllerDescriptor = {
  name: 'ttl-after-finished-controller',
  account: 'ttl-after-finished-controller',
  build: (context) =>
    removeExpired(context, {
      kind: jobs,
      objects: context.informers.of(jobs),
      concerns: ({ spec }) => spec?.ttlSecondsAfterFinished !== undefined,
      expiryOf,
      propagationPolicy: 'Foreground',
    }),
};
