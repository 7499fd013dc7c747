import type { Authorizer } from '../../authz/authorizer.ts';
import type { AdmissionOperation } from '../admission.ts';
import type { MatchWorld } from '../matching/matcher.ts';
import { Hooks } from './hooks.ts';
import type { CallerParts } from './webhook-caller.ts';

/** What both plugins work with. */
export interface WebhookParts {
  readonly mutating: Hooks;
  readonly validating: Hooks;
  readonly world: MatchWorld;
  readonly authorizer: Authorizer;
  readonly calling: CallerParts;
}

/** Begins to follow the configurations. */
export const webhookParts = (world: MatchWorld, authorizer: Authorizer, calling: CallerParts): WebhookParts => ({
  mutating: new Hooks(world.store, 'mutatingwebhookconfigurations.admissionregistration.k8s.io'),
  validating: new Hooks(world.store, 'validatingwebhookconfigurations.admissionregistration.k8s.io'),
  world,
  authorizer,
  calling,
});

export const everyOperation: ReadonlySet<AdmissionOperation> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);
