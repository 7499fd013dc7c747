import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../src/base/clock.ts';
import { SystemIds } from '../src/base/ids.ts';
import { createAuthority, issueServing, lifetime } from '../src/pki/certificates.ts';
import { generateKey, privateKeyPem } from '../src/pki/keys.ts';
import type { Target } from './target.ts';

/**
 * A node:https server that does nothing but answer with as many bytes as a get of a ConfigMap: what this machine can do at
 * most, whatever is behind it. krill's figures are set beside it, since they differ by three from machine to machine.
 */
async function serve(): Promise<void> {
  const valid = lifetime(new SystemClock().wall(), 1);
  const ids = new SystemIds();
  const authority = await createAuthority('bare', generateKey(), valid, ids);
  const key = generateKey();
  const names = { commonName: 'bare', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const cert = await issueServing(authority, names, key, valid, ids);
  const body = Buffer.alloc(1100, 'x');
  const server = createServer({ key: privateKeyPem(key), cert }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
}

/** Starts the bare server in a process of its own; its certificate is taken on trust. */
export async function startBare(): Promise<{ readonly target: Target } & Disposable> {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { target: { host: '127.0.0.1', port: Number(line.toString()) }, [Symbol.dispose]: () => void child.kill() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
