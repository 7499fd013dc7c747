import type { Clock } from '../base/clock.ts';
import { EngineConnection } from './connection.ts';
import { describeEndpoint, engineEndpoints, type Surroundings, surroundings } from './endpoint.ts';
import { Engine } from './engine.ts';
import { EngineUnavailable } from './errors.ts';
import type { EngineVersion } from './types.ts';

/** Newest API version whose answers krill knows, and the oldest it needs. */
const newestApi = '1.51';
const oldestApi = '1.41';

/** How long an engine may take to say what it is. One that is asleep accepts connections and says nothing. Milliseconds. */
const patience = 5000;

const versionNumber = (text: string) => {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return major * 1000 + minor;
};

/** Finds an engine that answers and agrees with it on an API version. Throws `EngineUnavailable`. */
export async function connectEngine(
  clock: Clock,
  signal: AbortSignal,
  at: Surroundings = surroundings(),
): Promise<Engine> {
  const failures: string[] = [];
  for (const endpoint of engineEndpoints(at)) {
    const connection = new EngineConnection(endpoint);
    const slow = new AbortController();
    const timer = clock.after(patience, () => slow.abort(new Error('it accepts connections but does not answer')));
    try {
      const request = { method: 'GET', path: '/version', signal: AbortSignal.any([signal, slow.signal]) } as const;
      const version = await connection.json<EngineVersion>(request);
      connection.useVersion(negotiate(version));
      return new Engine(connection, version, clock);
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      failures.push(`  ${describeEndpoint(endpoint)} (${endpoint.from}): ${(error as Error).message}`);
    } finally {
      timer.cancel();
    }
  }
  throw new EngineUnavailable(
    `No container engine answers. Start Docker, or point DOCKER_HOST at an engine. Tried:\n${failures.join('\n')}`,
  );
}

/** The API version to speak with an engine. */
export function negotiate(version: EngineVersion): string {
  const theirs = versionNumber(version.ApiVersion);
  if (theirs < versionNumber(oldestApi)) {
    throw new EngineUnavailable(
      `engine ${version.Version} speaks API ${version.ApiVersion}; krill needs ${oldestApi} or newer (Docker 20.10)`,
    );
  }
  if (versionNumber(version.MinAPIVersion ?? '0') > versionNumber(newestApi)) {
    throw new EngineUnavailable(
      `engine ${version.Version} speaks only API ${version.MinAPIVersion} and newer; this krill knows ${newestApi}`,
    );
  }
  return theirs < versionNumber(newestApi) ? version.ApiVersion : newestApi;
}
