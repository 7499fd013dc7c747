import type { TestApi } from './api-server.ts';
import { type WebhookAnswer, type WebhookServer, webhookServer } from './webhook-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a webhook is sent is looked at field by field
export type Tree = Record<string, any>;

/** What a webhook is asked. */
export interface Asked extends Tree {
  readonly uid: string;
  readonly operation: string;
  readonly object: Tree;
  readonly oldObject: Tree;
}

/** What a webhook answers, less the uid; or as `instead` something that is no review at all. */
export type Respond = (request: Asked, path: string) => Tree | Promise<Tree>;

/** A server of admission webhooks, and what it was asked. */
export interface AdmissionServer extends AsyncDisposable {
  readonly server: WebhookServer;
  readonly asked: Asked[];
}

/** Answers reviews in the version they come in. */
export async function admissionServer(respond: Respond, names?: readonly string[]): Promise<AdmissionServer> {
  const asked: Asked[] = [];
  const server = await webhookServer(async (body: Tree, path) => {
    const request = body['request'] as Asked;
    asked.push(request);
    const response = await respond(request, path);
    if ('instead' in response) return response['instead'] as WebhookAnswer;
    return { apiVersion: body['apiVersion'], kind: body['kind'], response: { uid: request.uid, ...response } };
  }, names);
  return { server, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A yes that changes the object. */
export const patching = (...operations: object[]): Tree => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

export const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
export const creates = (resource: string, apiGroups = ['']): Tree => ({
  operations: ['CREATE'],
  apiGroups,
  apiVersions: ['*'],
  resources: [resource],
});

export type ConfigurationKind = 'Mutating' | 'Validating';

/** A configuration of one webhook, on a server of the test. */
export const configuration = (kind: ConfigurationKind, name: string, server: WebhookServer, more: Tree = {}): Tree => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: `${kind}WebhookConfiguration`,
  metadata: { name },
  webhooks: [
    {
      name: `${name}.example.com`,
      clientConfig: { url: server.url, caBundle: server.caBundle },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      rules: [creates('pods')],
      ...more,
    },
  ],
});

/** Configures a webhook. */
export async function configure(
  api: TestApi,
  kind: ConfigurationKind,
  name: string,
  { server }: AdmissionServer,
  more: Tree = {},
): Promise<void> {
  const resource = `admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`;
  await api.call('create', resource, { namespace: '', object: configuration(kind, name, server, more) });
}
