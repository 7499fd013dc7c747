import { secrets } from '../../api/kinds.gen.ts';
import { bootstrapTokenType } from '../../resources/core/bootstrap-token.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { removeExpired } from '../expiring.ts';
import { expiryOf } from './plan.ts';

/** Removes bootstrap tokens when their time is up. */
export const tokenCleanerController: ControllerDescriptor = {
  name: 'token-cleaner-controller',
  account: 'token-cleaner',
  build: (context) =>
    removeExpired(context, {
      kind: secrets,
      objects: context.informers.where(secrets, `type=${bootstrapTokenType}`),
      expiryOf,
    }),
};
