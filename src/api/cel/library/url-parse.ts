import { fail } from '../values/fault.ts';

/** URLs as Go's net/url reads them: stricter here and laxer there than a browser does. */

export interface ParsedUrl {
  readonly scheme: string;
  readonly userinfo: string | undefined;
  /** With the port. */
  readonly host: string;
  /** As it was written. */
  readonly path: string;
  readonly query: string;
  readonly fragment: string | undefined;
}

const quoted = JSON.stringify;
const control = /[\x00-\x1f\x7f]/;
const schemePattern = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/;

/** An absolute URI or path, as in the first line of a request; fragments are part of path or query. Throws a fault. */
export function parseRequestUri(text: string): void {
  parse(text, text, true);
}

/** Throws a fault. */
export function parseUrl(text: string): ParsedUrl {
  const hash = text.indexOf('#');
  const parsed = parse(hash === -1 ? text : text.slice(0, hash), text, false);
  if (hash === -1) return parsed;
  const fragment = text.slice(hash + 1);
  checkEscapes(fragment, text);
  return { ...parsed, fragment };
}

const invalid = (text: string, why: string): never => fail(`parse ${quoted(text)}: ${why}`);

function parse(url: string, text: string, viaRequest: boolean): ParsedUrl {
  if (control.test(url)) return invalid(text, 'net/url: invalid control character in URL');
  if (url === '' && viaRequest) return invalid(text, 'empty url');
  const scheme = schemeOf(url, text);
  let rest = scheme === '' ? url : url.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  const query = mark === -1 ? '' : rest.slice(mark + 1);
  if (mark !== -1) rest = rest.slice(0, mark);
  const empty = { scheme: scheme.toLowerCase(), userinfo: undefined, host: '', path: '', query, fragment: undefined };
  if (!rest.startsWith('/') && url !== '*') {
    if (scheme !== '') return empty;
    if (viaRequest) return invalid(text, 'invalid URI for request');
    if (rest.split('/', 1)[0]!.includes(':')) return invalid(text, 'first path segment in URL cannot contain colon');
  }
  if ((scheme === '' && (viaRequest || rest.startsWith('///'))) || !rest.startsWith('//'))
    return { ...empty, path: checkedPath(rest, text) };
  const end = rest.indexOf('/', 2);
  const authority = end === -1 ? rest.slice(2) : rest.slice(2, end);
  const path = end === -1 ? '' : rest.slice(end);
  return { ...empty, ...parseAuthority(authority, text), path: checkedPath(path, text) };
}

function schemeOf(url: string, text: string): string {
  if (url.startsWith(':')) return invalid(text, 'missing protocol scheme');
  return schemePattern.exec(url)?.[1] ?? '';
}

const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/s;

function checkEscapes(part: string, text: string): void {
  const bad = badEscape.exec(part);
  if (bad) invalid(text, `invalid URL escape ${quoted(bad[0])}`);
}

function checkedPath(path: string, text: string): string {
  checkEscapes(path, text);
  return path;
}

const userPattern = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

function parseAuthority(authority: string, text: string): { userinfo: string | undefined; host: string } {
  const at = authority.lastIndexOf('@');
  const host = checkedHost(authority.slice(at + 1), text);
  if (at === -1) return { userinfo: undefined, host };
  const userinfo = authority.slice(0, at);
  if (!userPattern.test(userinfo)) return invalid(text, 'net/url: invalid userinfo');
  checkEscapes(userinfo, text);
  return { userinfo, host };
}

const port = /^(?::[0-9]*)?$/;
/** Characters below 0x80 that may stand in a host. */
const hostCharacters = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]$/u;

function checkedHost(host: string, text: string): string {
  const bracket = host.startsWith('[') ? host.lastIndexOf(']') : undefined;
  if (bracket === -1) return invalid(text, "missing ']' in host");
  const colon = bracket === undefined ? host.lastIndexOf(':') : bracket + 1;
  const suffix = colon === -1 ? '' : host.slice(colon);
  if (!port.test(suffix)) return invalid(text, `invalid port ${quoted(suffix)} after host`);
  const zone = bracket === undefined ? -1 : host.indexOf('%25');
  checkEscapes(host, text);
  const plain = zone === -1 ? host : host.slice(0, zone);
  const low = /%[0-7]./.exec(plain);
  if (low) return invalid(text, `invalid URL escape ${quoted(low[0])}`);
  for (const char of plain.replace(/%[89a-fA-F]./g, ''))
    if (!hostCharacters.test(char)) return invalid(text, `invalid character ${quoted(char)} in host name`);
  return unescaped(host);
}

/** Percent escapes as the bytes they stand for. */
export function unescaped(part: string): string {
  if (!part.includes('%')) return part;
  const bytes = part.replace(/%([0-9a-fA-F]{2})|[^%]+/g, (all, hex) => (hex ? hex : Buffer.from(all).toString('hex')));
  return Buffer.from(bytes, 'hex').toString();
}

export function hostname({ host }: ParsedUrl): string {
  const end = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.lastIndexOf(':');
  const name = end === -1 ? host : host.slice(0, end);
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

export function portOf({ host }: ParsedUrl): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(colon + 1) : '';
}

const validPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/%]*$/;

/** The path as it was written, if it was well written. */
export function escapedPath({ path }: ParsedUrl): string {
  if (validPath.test(path) || path === '*') return path;
  return Array.from(Buffer.from(unescaped(path)), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9\-._~$&+,/:;=@]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Names and values of the query; pairs that cannot be read are left out. */
export function queryOf({ query }: ParsedUrl): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';') || badEscape.test(pair)) continue;
    const equals = pair.indexOf('=');
    const [key, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const name = unescaped(key.replaceAll('+', ' '));
    const known = values.get(name);
    if (known) known.push(unescaped(value.replaceAll('+', ' ')));
    else values.set(name, [unescaped(value.replaceAll('+', ' '))]);
  }
  return values;
}

export function formatUrl(url: ParsedUrl): string {
  const user = url.userinfo === undefined ? '' : `${url.userinfo}@`;
  const authority = url.host === '' && user === '' ? '' : `//${user}${url.host}`;
  const tail = `${url.query && `?${url.query}`}${url.fragment ? `#${url.fragment}` : ''}`;
  return `${url.scheme && `${url.scheme}:`}${authority}${escapedPath(url)}${tail}`;
}
