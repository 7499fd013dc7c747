import type { Served } from '../../registry/served.ts';
import { type AdmissionPlugin, type AdmissionRequest, Reinvocation } from '../admission.ts';
import { isConfiguration } from '../matching/exempt.ts';
import { versioned } from '../matching/versioned.ts';
import { change } from './change.ts';
import { meetsConditions } from './condition-check.ts';
import { FirstRound } from './first-round.ts';
import type { Hook } from './hook.ts';
import { WebhookCaller } from './webhook-caller.ts';
import { everyOperation, type WebhookParts } from './webhook-parts.ts';

const name = 'MutatingAdmissionWebhook';

/**
 * Asks the mutating webhooks that a write concerns one after another, each about what those before it have made of the
 * object; in a second round those again that want to know what has changed since.
 */
export function mutatingWebhooks({ mutating: hooks, world, authorizer, calling }: WebhookParts): AdmissionPlugin {
  const caller = new WebhookCaller(calling, 'admit');

  const ask = async (hook: Hook, request: AdmissionRequest, shown: Served, round: FirstRound): Promise<boolean> => {
    const showing = { request, shown, objects: await versioned(request, shown) };
    if (!(await meetsConditions(hook, showing, authorizer))) return false;
    if (request.reinvocation?.again && !round.wantsAgain(hook)) return false;
    const changed = await caller.ask(hook, showing, ({ patch }) => (patch ? change(hook.name, showing, patch) : false));
    if (changed) round.changed();
    round.asked(hook);
    return changed ?? false;
  };

  const run = async (request: AdmissionRequest, all: readonly Hook[], first: number): Promise<void> => {
    const reinvocation = (request.reinvocation ??= new Reinvocation());
    const round = FirstRound.of(reinvocation, name);
    if (reinvocation.again) round.beginAgain(request.object);
    for (const hook of all.slice(first)) {
      const shown = hook.matcher.match(request, world);
      if (shown && (await ask(hook, request, shown, round))) reinvocation.wanted = true;
    }
    round.end(request.object);
  };

  return {
    name,
    operations: everyOperation,
    idle: () => hooks.all.length === 0,
    mutate: (request) => {
      if (isConfiguration(request)) return;
      const { all } = hooks;
      const first = all.findIndex((hook) => hook.matcher.match(request, world));
      return first < 0 ? undefined : run(request, all, first);
    },
  };
}
