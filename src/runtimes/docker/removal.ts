import type { Engine } from '../../engine/engine.ts';
import type { ContainerSummary } from '../../engine/types.ts';
import { label } from './names.ts';

/** Apps use their sandbox's network; sandboxes and nodes have endpoints of their own. */
export const sharesNetwork = (container: ContainerSummary) => container.Labels[label.role] === 'container';

/** Removes many containers: those that share a network at once, the others one after the other. */
export async function removeContainers(
  engine: Engine,
  containers: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<void> {
  const remove = (c: ContainerSummary) => engine.containers.remove(c.Id, signal);
  await Promise.all(containers.map((c) => (sharesNetwork(c) ? remove(c) : engine.inTurn(() => remove(c)))));
}

/**
 * Kills a container. One with endpoints of its own has its turn until the engine has taken them down: the engine
 * answers a kill before that, but an inspection waits for it.
 */
export async function killInTurn(
  engine: Engine,
  id: string,
  shares: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (shares) return engine.containers.kill(id, 'SIGKILL', signal);
  await engine.inTurn(async () => {
    await engine.containers.kill(id, 'SIGKILL', signal);
    await engine.containers.inspect(id, signal);
  });
}
