import { abortable } from '../base/abortable.ts';
import type { Transport } from '../client/call.ts';
import { stageDefinition } from '../kubelet/stages/definition.ts';
import { ensureObjects, type ResourceOf } from './bootstrap/ensure.ts';
import type { Parts } from './parts.ts';

/** Defines the kind of KWOK's stages as soon as there is a simulated node; resolves when it is served. */
export async function serveStages(
  { simulates, stagesServed }: Pick<Parts, 'simulates' | 'stagesServed'>,
  admin: Transport,
  resourceOf: ResourceOf,
  signal: AbortSignal,
): Promise<void> {
  await abortable(simulates, signal);
  await ensureObjects(admin, resourceOf, [stageDefinition], 'create');
  await abortable(stagesServed, signal);
}
