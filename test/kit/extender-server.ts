import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an extender was asked: the verb and the arguments as they came. */
export interface Asked {
  readonly verb: string;
  readonly args: Record<string, unknown>;
}

/** An extender as users write them: a plain HTTP server with a function for each verb. */
export interface ExtenderServer extends AsyncDisposable {
  readonly urlPrefix: string;
  readonly asked: readonly Asked[];
  readonly verbs: readonly string[];
}

/** What some verb is asked with. */
export interface VerbArgs {
  readonly NodeNames: readonly string[];
  readonly Nodes: unknown;
  readonly NodeNameToMetaVictims: Readonly<Record<string, unknown>>;
  readonly PodName: string;
  readonly PodNamespace: string;
  readonly PodUID: string;
  readonly Node: string;
}

export type Verbs = Readonly<Record<string, (args: VerbArgs) => unknown>>;

/** A verb that answers with a number answers with that status and nothing else. */
export async function extenderServer(verbs: Verbs): Promise<ExtenderServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const verb = (request.url ?? '').split('/').at(-1)!;
      const args = JSON.parse(Buffer.concat(chunks).toString()) as VerbArgs;
      asked.push({ verb, args: { ...args } });
      const answer = await verbs[verb]?.(args);
      response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? null));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    urlPrefix: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scheduler`,
    asked,
    get verbs() {
      return asked.map(({ verb }) => verb);
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
