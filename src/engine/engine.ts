import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { EngineConnection } from './connection.ts';
import { describeEndpoint, type Endpoint, engineEndpoints, type Surroundings, surroundings } from './endpoint.ts';
import { EngineError, EngineUnavailable, isBeingRemoved, isNotFound, isNotModified } from './errors.ts';
import { type EngineProcess, processOn } from './process.ts';
import { drainProgress, guard } from './streams.ts';
import { Turns } from './turns.ts';
import type {
  AttachRequest,
  ContainerConfig,
  ContainerInspect,
  ContainerSummary,
  EngineInfo,
  EngineVersion,
  ExecInspect,
  ExecRequest,
  Filters,
  HostConfig,
  ImageInspect,
  ImageSummary,
  LogRequest,
  NetworkInspect,
} from './types.ts';

/** Newest API version whose answers krill knows, and the oldest it needs. */
const newestApi = '1.51';
const oldestApi = '1.41';

/** How long an engine may take to say what it is. One that is asleep accepts connections and says nothing. Milliseconds. */
const patience = 5000;
/** The last output of a container that has ended is read within this time. Milliseconds. */
const drainTime = 500;

/** A Docker Engine (or what speaks its API). Knows containers, images, networks and volumes; nothing about pods. */
export class Engine {
  readonly version: EngineVersion;
  readonly #connection: EngineConnection;
  readonly #clock: Clock;
  readonly #endings = new Turns();

  constructor(connection: EngineConnection, version: EngineVersion, clock: Clock) {
    this.#connection = connection;
    this.version = version;
    this.#clock = clock;
  }

  get endpoint(): Endpoint {
    return this.#connection.endpoint;
  }

  /** Whether the engine runs on this machine's own kernel, so that its networks may be reachable from here. */
  get isLocalSocket(): boolean {
    return this.#connection.endpoint.type === 'socket';
  }

  close(): void {
    this.#connection.close();
  }

  info(signal?: AbortSignal): Promise<EngineInfo> {
    return this.#json('GET', '/info', {}, signal);
  }

  // --- containers

  /** Creates a container; throws `EngineError` 409 when the name is taken. */
  async createContainer(name: string, config: ContainerConfig, signal?: AbortSignal): Promise<string> {
    const request = { method: 'POST', path: '/containers/create', query: { name }, body: config, signal } as const;
    return (await this.#connection.json<{ Id: string }>(request)).Id;
  }

  /** Starts a container; one that runs already is left alone. */
  startContainer(id: string, signal?: AbortSignal): Promise<void> {
    return this.#unless(isNotModified, this.#act('POST', `/containers/${id}/start`, {}, signal));
  }

  /** Asks a container to end, and kills it after `seconds`. Resolves when it has ended. */
  stopContainer(id: string, seconds: number, signal?: AbortSignal): Promise<void> {
    return this.#unless(isNotModified, this.#act('POST', `/containers/${id}/stop`, { t: seconds }, signal));
  }

  /** Sends a signal; a container that does not run is left alone. */
  killContainer(id: string, name: string, signal?: AbortSignal): Promise<void> {
    const stopped = (error: unknown) => error instanceof EngineError && error.status === 409;
    return this.#unless(stopped, this.#act('POST', `/containers/${id}/kill`, { signal: name }, signal));
  }

  pauseContainer(id: string, signal?: AbortSignal): Promise<void> {
    return this.#act('POST', `/containers/${id}/pause`, {}, signal);
  }

  unpauseContainer(id: string, signal?: AbortSignal): Promise<void> {
    return this.#act('POST', `/containers/${id}/unpause`, {}, signal);
  }

  /** Changes limits of a running container. */
  updateContainer(id: string, limits: HostConfig, signal?: AbortSignal): Promise<void> {
    return this.#connection.json({ method: 'POST', path: `/containers/${id}/update`, body: limits, signal });
  }

  /** Ends containers that have network endpoints of their own, one at a time: see `Turns`. */
  inTurn<T>(end: () => Promise<T>): Promise<T> {
    return this.#endings.run(end);
  }

  /** Removes a container by force, its anonymous volumes too; one that is gone is fine. */
  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#act('DELETE', `/containers/${id}`, { force: true, v: true }, signal);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isBeingRemoved(error)) throw error;
      await this.#unless(isNotFound, this.#act('POST', `/containers/${id}/wait`, { condition: 'removed' }, signal));
    }
  }

  /** Resolves with the exit code when the container has ended. */
  async waitContainer(id: string, signal?: AbortSignal): Promise<number> {
    const answer = await this.#json<{ StatusCode: number }>('POST', `/containers/${id}/wait`, {}, signal);
    return answer.StatusCode;
  }

  inspectContainer(id: string, signal?: AbortSignal): Promise<ContainerInspect | undefined> {
    return this.#found(this.#json('GET', `/containers/${id}/json`, {}, signal));
  }

  /** Containers in every state. */
  listContainers(filters: Filters, signal?: AbortSignal): Promise<ContainerSummary[]> {
    return this.#json('GET', '/containers/json', { all: true, filters: JSON.stringify(filters) }, signal);
  }

  /** The container's output: multiplexed frames, or raw bytes with a terminal. */
  logs(id: string, request: LogRequest, signal?: AbortSignal): Promise<Readable> {
    const query = {
      stdout: request.stdout,
      stderr: request.stderr,
      follow: request.follow,
      timestamps: request.timestamps,
      tail: request.tail === undefined ? 'all' : String(request.tail),
      ...(request.since !== undefined && { since: request.since }),
      ...(request.until !== undefined && { until: request.until }),
    };
    return this.#stream({ method: 'GET', path: `/containers/${id}/logs`, query, signal });
  }

  /** A file or folder of the container as a tar stream; undefined when it is not there. */
  getArchive(id: string, path: string, signal?: AbortSignal): Promise<Readable | undefined> {
    return this.#found(this.#stream({ method: 'GET', path: `/containers/${id}/archive`, query: { path }, signal }));
  }

  /** Runs a command in a container. The signal counts until it has started. */
  async exec(id: string, request: ExecRequest, signal?: AbortSignal): Promise<EngineProcess & { id: string }> {
    const { command, stdin, tty, user, env } = request;
    const body = {
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: !tty,
      Tty: tty,
      Cmd: command,
      ...(user && { User: user }),
      ...(env && { Env: env }),
    };
    const path = `/containers/${id}/exec`;
    const exec = await this.#connection.json<{ Id: string }>({ method: 'POST', path, body, signal });
    const start = {
      method: 'POST',
      path: `/exec/${exec.Id}/start`,
      body: { Detach: false, Tty: tty },
      signal,
    } as const;
    const socket = await this.#connection.hijack(start);
    guard(socket, undefined);
    const resize = this.#resizer(`/exec/${exec.Id}/resize`);
    return { id: exec.Id, ...processOn(socket, { stdin, tty }, () => this.#execResult(exec.Id), resize) };
  }

  inspectExec(id: string, signal?: AbortSignal): Promise<ExecInspect | undefined> {
    return this.#found(this.#json('GET', `/exec/${id}/json`, {}, signal));
  }

  /** Joins the streams of a running container's first process. `exit` resolves with 0 when they end. */
  async attach(id: string, streams: AttachRequest, signal?: AbortSignal): Promise<EngineProcess> {
    const query = {
      stream: true,
      logs: streams.replayFrom !== undefined,
      stdin: streams.stdin,
      stdout: true,
      stderr: true,
    };
    const socket = await this.#connection.hijack({ method: 'POST', path: `/containers/${id}/attach`, query, signal });
    guard(socket, undefined);
    // The engine never ends the stream of a container that had ended before it was joined.
    const found = await this.inspectContainer(id, signal);
    if (!found?.State.Running) {
      socket.destroy();
      throw new EngineError(409, `container ${id} is not running`);
    }
    const joined = new AbortController();
    socket.on('close', () => joined.abort());
    this.waitContainer(id, joined.signal)
      .then(() => this.#clock.sleep(drainTime, joined.signal))
      .then(
        () => socket.destroy(),
        () => undefined,
      );
    return processOn(socket, streams, async () => 0, this.#resizer(`/containers/${id}/resize`));
  }

  // --- images

  inspectImage(reference: string, signal?: AbortSignal): Promise<ImageInspect | undefined> {
    return this.#found(this.#json('GET', `/images/${encodeURI(reference)}/json`, {}, signal));
  }

  listImages(signal?: AbortSignal): Promise<ImageSummary[]> {
    return this.#json('GET', '/images/json', {}, signal);
  }

  /** Makes an image of a root file system archive (tar, gzipped or not). `changes` are Dockerfile lines. */
  async importImage(
    archive: Readable | Buffer,
    name: { readonly repo: string; readonly tag: string },
    changes: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    const query = { fromSrc: '-', repo: name.repo, tag: name.tag, changes };
    const request = { method: 'POST', path: '/images/create', query, file: archive, signal } as const;
    await drainProgress(await this.#connection.stream(request));
  }

  /** Pulls an image. Errors carry the registry's words. */
  async pullImage(
    reference: { readonly name: string; readonly tag: string },
    credential: { username: string; password: string; serveraddress: string } | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const request = {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: reference.name, tag: reference.tag },
      ...(credential && { registryAuth: credential }),
      signal,
    } as const;
    await drainProgress(await this.#connection.stream(request));
  }

  async removeImage(reference: string, signal?: AbortSignal): Promise<void> {
    await this.#unless(isNotFound, this.#act('DELETE', `/images/${encodeURI(reference)}`, {}, signal));
  }

  // --- networks and volumes

  async createNetwork(
    name: string,
    network: { subnet: string; gateway: string; labels: Readonly<Record<string, string>>; mtu?: number },
    signal?: AbortSignal,
  ): Promise<string> {
    const body = {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: network.subnet, Gateway: network.gateway }] },
      Labels: network.labels,
      Options: { 'com.docker.network.bridge.enable_icc': 'true' },
    };
    const request = { method: 'POST', path: '/networks/create', body, signal } as const;
    return (await this.#connection.json<{ Id: string }>(request)).Id;
  }

  inspectNetwork(name: string, signal?: AbortSignal): Promise<NetworkInspect | undefined> {
    return this.#found(this.#json('GET', `/networks/${name}`, {}, signal));
  }

  listNetworks(filters: Filters, signal?: AbortSignal): Promise<NetworkInspect[]> {
    return this.#json('GET', '/networks', { filters: JSON.stringify(filters) }, signal);
  }

  async removeNetwork(id: string, signal?: AbortSignal): Promise<void> {
    await this.#unless(isNotFound, this.#act('DELETE', `/networks/${id}`, {}, signal));
  }

  connectNetwork(network: string, container: string, address: string, signal?: AbortSignal): Promise<void> {
    const body = { Container: container, EndpointConfig: { IPAMConfig: { IPv4Address: address } } };
    return this.#connection.json({ method: 'POST', path: `/networks/${network}/connect`, body, signal });
  }

  disconnectNetwork(network: string, container: string, signal?: AbortSignal): Promise<void> {
    const body = { Container: container };
    return this.#connection.json({ method: 'POST', path: `/networks/${network}/disconnect`, body, signal });
  }

  async listVolumes(filters: Filters, signal?: AbortSignal): Promise<{ Name: string }[]> {
    const query = { filters: JSON.stringify(filters) };
    return (await this.#json<{ Volumes: { Name: string }[] | null }>('GET', '/volumes', query, signal)).Volumes ?? [];
  }

  async removeVolume(name: string, signal?: AbortSignal): Promise<void> {
    await this.#unless(isNotFound, this.#act('DELETE', `/volumes/${name}`, { force: true }, signal));
  }

  // --- events

  /** The event stream as lines of JSON, from `since` ("seconds.nanoseconds") on. */
  events(filters: Filters, since: string | undefined, signal: AbortSignal): Promise<Readable> {
    const query = { filters: JSON.stringify(filters), ...(since !== undefined && { since }) };
    return this.#stream({ method: 'GET', path: '/events', query, signal });
  }

  /** The exit code; the engine may need a moment after the output's end to note it. */
  async #execResult(id: string): Promise<number> {
    for (let delay = 1; ; delay = Math.min(delay * 2, 250)) {
      const state = await this.inspectExec(id);
      if (!state) throw new Error('the container ended while the command ran');
      if (!state.Running && state.ExitCode !== null) return state.ExitCode;
      await this.#clock.sleep(delay);
    }
  }

  /** Sends terminal sizes one after another; a size for a process that has ended is no error. */
  #resizer(path: string): (columns: number, rows: number) => void {
    let turn: Promise<unknown> = Promise.resolve();
    return (columns, rows) => {
      const send = () => this.#act('POST', path, { w: columns, h: rows });
      turn = turn.then(send).catch(() => undefined);
    };
  }

  async #stream(request: Parameters<EngineConnection['stream']>[0]): Promise<Readable> {
    const stream = await this.#connection.stream(request);
    guard(stream, request.signal);
    return stream;
  }

  #json<T>(method: 'GET' | 'POST', path: string, query: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    return this.#connection.json<T>({ method, path, query, signal });
  }

  async #act(method: 'POST' | 'DELETE', path: string, query: Record<string, unknown>, signal?: AbortSignal) {
    await this.#connection.json({ method, path, query, signal });
  }

  async #found<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #unless(fine: (error: unknown) => boolean, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      if (!fine(error)) throw error;
    }
  }
}

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
