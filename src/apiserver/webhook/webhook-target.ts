import { StatusError, serviceUnavailable } from '../../api/status.ts';

/** Where a webhook is: a URL, or a Service of the cluster. The form conversion and admission webhooks share. */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** PEM in base64; the machine's own authorities unless given. */
  readonly caBundle?: string;
}

/** A target as it is dialled. */
export interface WebhookAddress {
  /** What is asked, as errors name it: with the time limit in its query. */
  readonly url: string;
  /** The name the certificate must be for. */
  readonly serverName: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined;
}

/** How a target is addressed. Source: apiserver `util/webhook/client.go`. Throws the 503 Status for one without an address. */
export function webhookAddress(target: WebhookTarget, timeoutSeconds: number): WebhookAddress {
  const { url, service } = target;
  if (service) {
    const serverName = `${service.name}.${service.namespace}.svc`;
    const port = service.port ?? 443;
    const path = service.path ? (service.path.startsWith('/') ? service.path : `/${service.path}`) : '/';
    return {
      url: `https://${serverName}:${port}${path}?timeout=${timeoutSeconds}s`,
      serverName,
      service: { namespace: service.namespace, name: service.name, port },
    };
  }
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (parsed?.protocol !== 'https:') throw serviceUnavailable('webhook configuration must have either service or URL');
  // Go writes the port as given; a URL object leaves the usual one away.
  const host = /^https:\/\/([^/?#]*)/i.exec(url!)?.[1] ?? parsed.host;
  return {
    url: `https://${host}${parsed.pathname}?timeout=${timeoutSeconds}s`,
    serverName: parsed.hostname.replace(/^\[|\]$/g, ''),
    service: undefined,
  };
}

/**
 * The certificates of a CA bundle; none for one of white space only, which counts as not given. Throws the 500 Status for one
 * that holds no certificate. Source of the text: client-go `transport/transport.go`, rootCertPool.
 */
export function bundlePem(caBundle: string | undefined): string | undefined {
  if (!caBundle) return undefined;
  const text = Buffer.from(caBundle, 'base64').toString('latin1');
  if (text.trim() === '') return undefined;
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new StatusError('InternalError', 'unable to load root certificates: unable to parse bytes as PEM block');
}
