import { createSecureContext } from 'node:tls';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123SubdomainErrors, portNumberErrors } from '../../api/names.ts';

/** How a webhook is reached: a URL, or a service of the cluster. Source: apiserver `pkg/util/webhook/validation.go`. */

const form = '; desired format: https://host[/path]';

interface UrlParts {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

/** The parts of a URL as Go splits it, which changes nothing in them. */
function partsOf(url: string): UrlParts {
  const [, before = '', fragment = ''] = /^([^#]*)#?(.*)$/s.exec(url)!;
  const [, rest = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(before)!;
  const [, scheme = '', authority = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/]*))?/.exec(rest)!;
  const at = authority.lastIndexOf('@');
  return {
    scheme: scheme.toLowerCase(),
    user: at < 0 ? undefined : authority.slice(0, at),
    host: authority.slice(at + 1),
    query,
    fragment,
  };
}

/** Why Go cannot parse a URL; "" when it can. */
function parseFailure(url: string): string {
  const failure = (why: string) => `parse ${JSON.stringify(url)}: ${why}`;
  if (/[\0-\x1f\x7f]/.test(url)) return failure('net/url: invalid control character in URL');
  if (url.startsWith(':')) return failure('missing protocol scheme');
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(url.split('?', 1)[0]!)?.[0];
  if (badEscape !== undefined) return failure(`invalid URL escape ${JSON.stringify(badEscape)}`);
  const { scheme, host } = partsOf(url);
  if (!scheme && !url.startsWith('/') && url.split(/[/?#]/, 1)[0]!.includes(':'))
    return failure('first path segment in URL cannot contain colon');
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)?$/.exec(host)?.[1] ?? '';
  if (!/^(:[0-9]*)?$/.test(port)) return failure(`invalid port ${JSON.stringify(port)} after host`);
  const wrong = /[ "<>\\^`{|}]/.exec(host)?.[0];
  return wrong ? failure(`invalid character ${JSON.stringify(wrong)} in host name`) : '';
}

export function webhookUrl(errors: ErrorList, path: FieldPath, url: string): void {
  const failure = parseFailure(url);
  if (failure) {
    errors.required(path, `url must be a valid URL: ${failure}${form}`);
    return;
  }
  const { scheme, user, host, query, fragment } = partsOf(url);
  if (scheme !== 'https') errors.invalid(path, scheme, `'https' is the only allowed URL scheme${form}`);
  if (host === '') errors.invalid(path, host, `host must be specified${form}`);
  if (user !== undefined) errors.invalid(path, user, 'user information is not permitted in the URL');
  if (fragment) errors.invalid(path, fragment, 'fragments are not permitted in the URL');
  if (query) errors.invalid(path, query, 'query parameters are not permitted in the URL');
}

export interface WebhookService {
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
  readonly port?: number;
}

const httpsPort = 443;

export function webhookService(errors: ErrorList, path: FieldPath, service: WebhookService): void {
  if (!service.name) errors.required(path.child('name'));
  if (!service.namespace) errors.required(path.child('namespace'));
  const port = service.port ?? httpsPort;
  const texts = portNumberErrors(port);
  if (texts.length) errors.invalid(path.child('port'), port, `port is not valid: ${texts.join(', ')}`);
  if (service.path && service.path !== '/') servicePath(errors, path.child('path'), service.path);
}

function servicePath(errors: ErrorList, path: FieldPath, value: string): void {
  if (value === '//') {
    errors.invalid(path, value, 'segment[0] may not be empty');
    return;
  }
  if (!value.startsWith('/')) errors.invalid(path, value, "must start with a '/'");
  const segments = value.slice(1).replace(/\/$/, '').split('/');
  for (const [i, segment] of segments.entries()) {
    if (segment === '') errors.invalid(path, value, `segment[${i}] may not be empty`);
    else for (const text of dns1123SubdomainErrors(segment)) errors.invalid(path, value, `segment[${i}]: ${text}`);
  }
}

/** The text Go has for a bundle without certificates. */
const noRoots = 'unable to load root certificates: unable to parse bytes as PEM block';

/** Why a base64 CA bundle cannot be used; "" when it can. */
export function caBundleFailure(bundle: string): string {
  const text = Buffer.from(bundle, 'base64').toString();
  if (!text.includes('-----BEGIN CERTIFICATE-----')) return noRoots;
  try {
    createSecureContext({ ca: text });
    return '';
  } catch {
    return noRoots;
  }
}

export function caBundle(errors: ErrorList, path: FieldPath, bundle: string): void {
  const failure = caBundleFailure(bundle);
  if (failure) errors.invalid(path, bundle, failure);
}
