import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { jsonValue } from '../base/json-value.ts';
import { EngineUnavailable } from './errors.ts';

/** Where an engine listens. */
export type Endpoint =
  | { readonly type: 'socket'; readonly path: string; readonly from: string }
  | {
      readonly type: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
      readonly from: string;
    };

/** What discovery looks at; injected so that it can be tested. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: string;
  /** The file's text, undefined when it cannot be read. */
  read(path: string): string | undefined;
}

/** This machine. */
export function surroundings(): Surroundings {
  return {
    env: process.env,
    home: homedir(),
    platform: process.platform,
    read: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        // Not there, or not ours to read: then it says nothing.
        return undefined;
      }
    },
  };
}

/**
 * Places to look for an engine, best first: DOCKER_HOST alone when it is set, else the current context alone when one
 * is chosen, else the usual sockets of Docker, Podman, Docker Desktop, Colima, Rancher Desktop and OrbStack.
 */
export function engineEndpoints(at: Surroundings): readonly Endpoint[] {
  if (at.env.DOCKER_HOST) return [parse(at.env.DOCKER_HOST, 'DOCKER_HOST', tlsFromEnv(at))];
  const configFolder = at.env.DOCKER_CONFIG || join(at.home, '.docker');
  const context = at.env.DOCKER_CONTEXT || currentContext(at, configFolder);
  if (context && context !== 'default') return [fromContext(at, configFolder, context)];
  if (at.platform === 'win32') return [{ type: 'socket', path: '//./pipe/docker_engine', from: 'default pipe' }];
  const runtime = at.env.XDG_RUNTIME_DIR;
  return [
    '/var/run/docker.sock',
    runtime && join(runtime, 'docker.sock'),
    runtime && join(runtime, 'podman/podman.sock'),
    join(at.home, '.docker/run/docker.sock'),
    join(at.home, '.colima/default/docker.sock'),
    join(at.home, '.rd/docker.sock'),
    join(at.home, '.orbstack/run/docker.sock'),
  ]
    .filter((path): path is string => Boolean(path))
    .map((path) => ({ type: 'socket', path, from: 'usual socket' }));
}

/** How an endpoint is shown in messages. */
export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.type === 'socket' ? `unix://${endpoint.path}` : `tcp://${endpoint.host}:${endpoint.port}`;
}

function parse(host: string, from: string, tls: (Endpoint & { type: 'tcp' })['tls']): Endpoint {
  const unix = /^(?:unix|npipe):\/\/(.*)$/.exec(host);
  if (unix) return { type: 'socket', path: unix[1] || '/var/run/docker.sock', from };
  const text = host.includes('://') ? host : `tcp://${host}`;
  const url = URL.canParse(text) ? new URL(text.replace(/^(tcp|https?):/, 'http:')) : undefined;
  if (!url || !/^(tcp|https?):\/\//.test(text)) {
    throw new EngineUnavailable(
      `${from} is "${host}": krill speaks to unix://, npipe:// and tcp:// engines. For an engine behind ssh, forward its socket: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST, then DOCKER_HOST=unix:///tmp/docker.sock`,
    );
  }
  const port = Number(/:(\d+)(?:\/|$)/.exec(text.slice(text.indexOf('://') + 3))?.[1] ?? (tls ? 2376 : 2375));
  return { type: 'tcp', host: url.hostname, port, ...(tls && { tls }), from };
}

function tlsFromEnv(at: Surroundings): (Endpoint & { type: 'tcp' })['tls'] {
  if (!at.env.DOCKER_TLS_VERIFY) return undefined;
  return readTls(at, at.env.DOCKER_CERT_PATH || join(at.home, '.docker'));
}

function readTls(at: Surroundings, folder: string): NonNullable<(Endpoint & { type: 'tcp' })['tls']> {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => at.read(join(folder, name)));
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function currentContext(at: Surroundings, configFolder: string): string | undefined {
  const config = parseJson(at.read(join(configFolder, 'config.json')));
  const name = (config as { currentContext?: unknown } | undefined)?.currentContext;
  return typeof name === 'string' ? name : undefined;
}

function fromContext(at: Surroundings, configFolder: string, name: string): Endpoint {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = parseJson(at.read(join(configFolder, 'contexts/meta', id, 'meta.json')));
  const host = (meta as { Endpoints?: { docker?: { Host?: unknown } } } | undefined)?.Endpoints?.docker?.Host;
  if (typeof host !== 'string' || !host) {
    throw new EngineUnavailable(
      `the Docker context "${name}" names no engine; choose another with "docker context use", or set DOCKER_HOST`,
    );
  }
  const tls = readTls(at, join(configFolder, 'contexts/tls', id, 'docker'));
  return parse(host, `context ${name}`, tls.ca || tls.cert ? tls : undefined);
}

const parseJson = (text: string | undefined): unknown => (text === undefined ? undefined : jsonValue(text));
