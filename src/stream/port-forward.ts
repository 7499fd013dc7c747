import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { DialPort, Forwarding, ForwardTarget } from './forwarding.ts';
import { forwardSpdy, spdyProtocol, tunnelProtocol, upgradeTunnel } from './port-forward-spdy.ts';
import { forwardWebSocket, requestedPorts, websocketProtocols } from './port-forward-websocket.ts';
import {
  negotiateSpdy,
  notUpgradable,
  offeredSubprotocols,
  refuseUpgrade,
  unknownSubprotocol,
  upgradeSpdy,
  wantsSpdy,
  wantsWebSocket,
  watchSocket,
} from './upgrade.ts';

/**
 * Serves one port-forward request: SPDY/3.1, SPDY inside a WebSocket (kubectl from 1.31 on), or WebSocket channels
 * (the `ports` of the query, one connection each). Resolves when the client is gone; never rejects.
 */
export async function acceptPortForward(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: ForwardTarget,
  dial: DialPort,
  clock: Clock,
  log: Logger,
): Promise<void> {
  const upgrade = { req, socket, head };
  const forwarding: Forwarding = { target, dial, gone: watchSocket(socket), clock, log };
  if (wantsWebSocket(req)) {
    const offered = offeredSubprotocols(req);
    if (offered.includes(tunnelProtocol)) {
      const tunnel = upgradeTunnel(upgrade);
      return tunnel && forwardSpdy(tunnel, forwarding);
    }
    const known = Object.keys(websocketProtocols);
    const protocol = offered.length === 0 ? '' : offered.find((p) => known.includes(p));
    if (protocol === undefined)
      return refuseUpgrade(socket, unknownSubprotocol(offered, [tunnelProtocol, ...known.filter(Boolean)]));
    const ports = requestedPorts(req);
    if ('code' in ports) return refuseUpgrade(socket, ports);
    return forwardWebSocket(upgrade, protocol, ports, forwarding);
  }
  if (!wantsSpdy(req)) return refuseUpgrade(socket, notUpgradable(req));
  const protocol = negotiateSpdy(req, [spdyProtocol]);
  if (typeof protocol !== 'string') return refuseUpgrade(socket, protocol);
  upgradeSpdy(upgrade, protocol);
  return forwardSpdy(socket, forwarding);
}
