import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createAuthority, issueServing, lifetime } from '../../src/pki/certificates.ts';
import { generateKey, privateKeyPem } from '../../src/pki/keys.ts';

/** What a webhook answers: JSON, or a bare response. */
export type WebhookAnswer =
  | object
  | { readonly code: number; readonly headers?: Record<string, string>; readonly text: string };

/** A plain HTTPS server with a certificate of its own, as users run their webhooks. */
export interface WebhookServer extends AsyncDisposable {
  readonly port: number;
  /** "https://127.0.0.1:PORT/hook" */
  readonly url: string;
  /** Its authority, as a clientConfig wants it. */
  readonly caBundle: string;
  /** The bodies it was sent. */
  readonly asked: Record<string, never>[];
}

export async function webhookServer(
  answer: (body: Record<string, never>, path: string) => WebhookAnswer | Promise<WebhookAnswer>,
  names: readonly string[] = ['localhost'],
): Promise<WebhookServer> {
  const ids = new SystemIds();
  const valid = lifetime(new SystemClock().wall(), 1);
  const authority = await createAuthority('webhook-ca', generateKey(), valid, ids);
  const key = generateKey();
  const serving = { commonName: names[0]!, dnsNames: names, ipAddresses: ['127.0.0.1'] };
  const cert = await issueServing(authority, serving, key, valid, ids);
  const asked: Record<string, never>[] = [];
  const server = createServer({ cert, key: privateKeyPem(key) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(body);
      const given = await answer(body, request.url ?? '');
      if ('code' in given && 'text' in given) {
        response.writeHead(given.code as number, (given as { headers?: Record<string, string> }).headers);
        response.end(given.text);
      } else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(given));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}/hook`,
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
