import { badRequest } from '../../api/status.ts';
import { acceptPortForward } from '../../stream/port-forward.ts';
import type { Connect } from '../serve-resource.ts';
import type { ConnectParts } from './connect-parts.ts';
import { podOf } from './pod-target.ts';
import { upgradeOf } from './remote-command.ts';

/** POST or GET of pods/NAME/portforward: connections to the pod's own loopback. */
export function portForwardConnect(parts: ConnectParts): Connect {
  return async (request, op) => {
    const pod = podOf(parts.registry, op);
    const node = pod.spec?.nodeName;
    if (!node) throw badRequest(`pod ${op.name} does not have a host assigned`);
    if (pod.status?.phase !== 'Running')
      throw badRequest(
        `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`,
      );
    const uid = pod.metadata?.uid ?? '';
    const { req, socket, head } = upgradeOf(request);
    await acceptPortForward(
      req,
      socket,
      head,
      { pod: `${op.name}_${op.namespace}`, uid },
      (port, signal) => parts.nodes().dial({ to: 'pod-loopback', node, uid, port }, signal),
      parts.registry.clock,
      parts.registry.log,
    );
  };
}
