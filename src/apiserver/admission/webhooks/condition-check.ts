import { cel } from '../../../api/cel/cel.ts';
import { forbidden } from '../../../api/status.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import { conditionsHold } from '../expressions/match-conditions.ts';
import { Scene, type Variables } from '../expressions/scene.ts';
import { celBindings } from '../matching/cel-bindings.ts';
import type { Hook } from './hook.ts';
import type { Showing } from './webhook-caller.ts';

const noVariables: Variables = new Map();

/**
 * Whether the conditions of a webhook hold for a write. What cannot be told means no where the webhook fails open. Throws the
 * 403 where it does not. Source: apiserver `admission/plugin/webhook/generic/webhook.go`.
 */
export async function meetsConditions(hook: Hook, showing: Showing, authorizer: Authorizer): Promise<boolean> {
  if (!hook.hasConditions) return true;
  const { request, shown, objects } = showing;
  await cel.ready();
  const bindings = celBindings(request, shown, objects, authorizer);
  const result = conditionsHold(hook.conditions, new Scene(bindings, noVariables));
  if (result.error === undefined) return result.matches;
  if (hook.failsOpen) return false;
  throw forbidden(request.asked, request.name, result.error);
}
