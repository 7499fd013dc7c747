import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../base/clock.ts';

/** How long a connection may take to be opened, milliseconds. */
const dialTimeout = 30_000;

/** Opens the way to a server; what the request was made with tells which. */
export type Dial = (options: object, signal: AbortSignal) => Promise<Duplex>;

/** An agent that speaks TLS over connections that krill opens itself, into pods where they are. */
export function dialledAgent(tls: AgentOptions, clock: Clock, dial: Dial): Agent {
  const agent = new Agent({ keepAlive: true, ...tls });
  agent.createConnection = (options, done) => {
    const limit = new AbortController();
    const timer = clock.after(dialTimeout, () => limit.abort());
    dial(options, limit.signal)
      .finally(() => timer.cancel())
      .then(
        (socket) => {
          socket.on('error', () => socket.destroy());
          const channel = connectTls({ ...tls, socket });
          done?.(null, channel);
        },
        (error: Error) => done?.(error, undefined as never),
      );
    return undefined;
  };
  return agent;
}
