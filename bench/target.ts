import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An API server to load: krill or a peer. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

const decode = (base64: string | undefined) => (base64 ? Buffer.from(base64, 'base64').toString() : undefined);

/** The current context's server and credentials. */
export function targetOfKubeconfig(path: string): Target {
  const config = parse(readFileSync(path, 'utf8'));
  const named = (list: { name: string }[], name: string) => list.find((x) => x.name === name) as never;
  const { context } = named(config.contexts, config['current-context']) as {
    context: { cluster: string; user: string };
  };
  const { cluster } = named(config.clusters, context.cluster) as { cluster: Record<string, string> };
  const { user } = named(config.users, context.user) as { user: Record<string, string> };
  const url = new URL(cluster['server']!);
  const target: Record<string, unknown> = { host: url.hostname, port: Number(url.port) };
  const optional = {
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    token: user['token'],
  };
  for (const [key, value] of Object.entries(optional)) if (value) target[key] = value;
  return target as unknown as Target;
}

/** `--peer URL --token T`: another API server, its certificate taken on trust. */
export function targetOfUrl(url: string, token: string): Target {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 443), token };
}
