import type { Pod } from '../api/types/core-v1.gen.ts';

/**
 * Whether a container is made for one session (stdinOnce, as `kubectl run -i` makes it). kubectl asks for the session once
 * it has seen the pod run, and by then the container may have ended: its session gets what it said. Upstream refuses that.
 */
export function isForOneSession({ spec }: Pod, container: string): boolean {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  const found = [...containers, ...initContainers, ...ephemeralContainers].find(({ name }) => name === container);
  return found?.stdinOnce === true;
}
