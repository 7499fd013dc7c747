import { badRequest } from '../../api/status.ts';
import type { PodExecOptions } from '../../api/types/core-v1.gen.ts';
import type { StreamOptions } from '../../node/gateway.ts';
import { acceptRemoteCommand } from '../../stream/remote-command.ts';
import type { ApiRequest } from '../request.ts';
import type { Connect } from '../serve-resource.ts';
import type { ConnectParts } from './connect-parts.ts';
import { streamTarget } from './pod-target.ts';

/** POST or GET of pods/NAME/exec and pods/NAME/attach: streams over WebSocket or SPDY. */
export function remoteCommand(parts: ConnectParts, verb: 'exec' | 'attach'): Connect {
  return async (request, op) => {
    // The query, as admission has left it.
    const options = op.object as unknown as PodExecOptions;
    const { container = '', command = [] } = options;
    const target = streamTarget(parts.registry, op, container, verb);
    if (verb === 'exec' && command.length === 0)
      throw badRequest('you must specify at least 1 command for the container');
    const streams = streamsOf(options);
    const { req, socket, head } = upgradeOf(request);
    const nodes = parts.nodes();
    await acceptRemoteCommand(
      req,
      socket,
      head,
      { ...streams, verb, hangUp: verb === 'exec' ? 'kill' : 'detach' },
      (signal) =>
        verb === 'exec' ? nodes.exec(target, { ...streams, command }, signal) : nodes.attach(target, streams, signal),
      parts.registry.clock,
      parts.registry.log,
    );
  };
}

/** Unset streams are off; attach and exec without any are refused further down. */
const streamsOf = ({ stdin = false, stdout = false, stderr = false, tty = false }: PodExecOptions): StreamOptions => ({
  stdin,
  stdout,
  stderr,
  tty,
});

/** The upgrade a streaming request must be. */
export function upgradeOf(request: ApiRequest) {
  const { upgrade } = request.exchange;
  if (!upgrade) throw badRequest('Upgrade request required');
  return upgrade;
}
