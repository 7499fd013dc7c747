import { badRequest, notFound } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ContainerTarget } from '../../node/gateway.ts';
import { isForOneSession } from '../../node/one-session.ts';
import { keyOf, named, type Operation, type Registry } from '../registry/operation.ts';

/** The committed pod a connection is for. Throws 404. */
export function podOf(registry: Registry, op: Operation): Pod {
  const entry = registry.store.get(keyOf(op));
  if (!entry) throw notFound(named(op), op.name);
  return entry.object as unknown as Pod;
}

/**
 * The container meant: the named one, or the only one. Source of the texts: registry/core/pod/strategy.go.
 */
export function containerOf(pod: Pod, asked: string): string {
  const name = pod.metadata?.name ?? '';
  const names = (list: readonly { readonly name?: string }[] | undefined) => (list ?? []).map((c) => c.name ?? '');
  const main = names(pod.spec?.containers);
  const init = names(pod.spec?.initContainers);
  const ephemeral = names(pod.spec?.ephemeralContainers);
  if (asked) {
    if ([...main, ...init, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (main.length === 1) return main[0]!;
  let text = `a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]`;
  if (init.length > 0) text += ` or one of the init containers: [${init.join(' ')}]`;
  if (ephemeral.length > 0) text += ` or one of the ephemeral containers: [${ephemeral.join(' ')}]`;
  throw badRequest(text);
}

/** Where a container runs; undefined while the pod has no node. */
export function targetOf(pod: Pod, container: string): ContainerTarget | undefined {
  const node = pod.spec?.nodeName;
  if (!node) return undefined;
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  return { node, namespace, pod: name, uid, container };
}

/** The target of a stream into a container, which must be able to run, or have something left to say. */
export function streamTarget(
  registry: Registry,
  op: Operation,
  asked: string,
  verb: 'exec' | 'attach',
): ContainerTarget {
  const pod = podOf(registry, op);
  const container = containerOf(pod, asked);
  const phase = pod.status?.phase;
  const completed = phase === 'Succeeded' || phase === 'Failed';
  if (completed && !(verb === 'attach' && isForOneSession(pod, container)))
    throw badRequest(`cannot exec or attach to a container in a completed pod; current phase is ${phase}`);
  const target = targetOf(pod, container);
  if (!target) throw badRequest(`pod ${op.name} does not have a host assigned`);
  return target;
}
