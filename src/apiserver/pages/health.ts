import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import type { Page } from '../serve.ts';

/** One named check: undefined when all is well, else why not (logged, never shown). */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => string | undefined;
  /** Asked by /readyz only. */
  readonly readinessOnly?: boolean;
}

const roots = ['livez', 'readyz', 'healthz'];

/** /livez, /readyz, /healthz, and one check of them as /livez/NAME. Source of the texts: apiserver `server/healthz`. */
export function healthPage(checks: readonly HealthCheck[], path: string): Page | undefined {
  const [, root = '', name, ...rest] = path.split('/');
  if (!roots.includes(root) || rest.length > 0) return undefined;
  const asked = asks(checks, root);
  if (!name) return (request) => all(request, root, asked);
  const one = asked.find((check) => check.name === name);
  return one && ((request) => all(request, name, [one]));
}

/** Every path `healthPage` knows. */
export function healthPaths(checks: readonly HealthCheck[]): string[] {
  return roots.flatMap((root) => [`/${root}`, ...asks(checks, root).map(({ name }) => `/${root}/${name}`)]);
}

const asks = (checks: readonly HealthCheck[], root: string) =>
  checks.filter((check) => root === 'readyz' || !check.readinessOnly);

function all(request: ApiRequest, title: string, checks: readonly HealthCheck[]): void {
  const { query } = request.exchange;
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let failed = false;
  for (const { name, check } of checks) {
    if (excluded.has(name)) lines.push(`[+]${name} excluded: ok`);
    else if (check() === undefined) lines.push(`[+]${name} ok`);
    else {
      failed = true;
      lines.push(`[-]${name} failed: reason withheld`);
    }
  }
  const headers = headersFor(request, 'text/plain; charset=utf-8');
  headers['x-content-type-options'] = 'nosniff';
  if (failed) request.exchange.respond(500, headers, `${lines.join('\n')}\n${title} check failed\n`);
  else if (query.has('verbose')) request.exchange.respond(200, headers, `${lines.join('\n')}\n${title} check passed\n`);
  else request.exchange.respond(200, headers, 'ok');
}
