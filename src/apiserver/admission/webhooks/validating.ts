import type { Served } from '../../registry/served.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { isConfiguration } from '../matching/exempt.ts';
import { versioned } from '../matching/versioned.ts';
import { meetsConditions } from './condition-check.ts';
import type { Hook } from './hook.ts';
import { type Showing, WebhookCaller } from './webhook-caller.ts';
import { everyOperation, type WebhookParts } from './webhook-parts.ts';

/** Asks the validating webhooks that a write concerns, all at once. */
export function validatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  const { validating: hooks, world, authorizer } = parts;
  const caller = new WebhookCaller(parts.calling, 'validating');

  const run = async (request: AdmissionRequest, concerned: readonly Concerned[]): Promise<void> => {
    const asked: { readonly hook: Hook; readonly showing: Showing }[] = [];
    for (const { hook, shown } of concerned) {
      const showing = { request, shown, objects: await versioned(request, shown) };
      if (await meetsConditions(hook, showing, authorizer)) asked.push({ hook, showing });
    }
    const done = await Promise.allSettled(asked.map(({ hook, showing }) => caller.ask(hook, showing, () => undefined)));
    // The first of the list, whichever came first: the same write is always refused in the same words.
    for (const outcome of done) if (outcome.status === 'rejected') throw outcome.reason;
  };

  return {
    name: 'ValidatingAdmissionWebhook',
    operations: everyOperation,
    idle: () => hooks.all.length === 0,
    validate: (request) => {
      if (isConfiguration(request)) return;
      const concerned = hooks.all.flatMap((hook) => {
        const shown = hook.matcher.match(request, world);
        return shown ? [{ hook, shown }] : [];
      });
      return concerned.length > 0 ? run(request, concerned) : undefined;
    },
  };
}

interface Concerned {
  readonly hook: Hook;
  readonly shown: Served;
}
