/** What a client may send as a request's target: an absolute URI or an absolute path. Source: Go `net/url.ParseRequestURI`. */

const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;
/** Escapes are hexadecimal. */
const badEscape = /%(?![0-9a-fA-F]{2})/;
const userInfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const hostName = /^[A-Za-z0-9\-_.~!$&'()*+,;=:<>"[\]\u0080-\uffff]*$/;
const port = /^(:[0-9]*)?$/;

function isHost(host: string): boolean {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    return end > 0 && port.test(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  return hostName.test(host) && (colon < 0 || port.test(host.slice(colon)));
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  return userInfo.test(user) && !badEscape.test(user) && isHost(authority.slice(at + 1));
}

/** Whether the text is an absolute URI or an absolute path. */
export function isRequestUri(text: string): boolean {
  if (text === '' || /[\0-\x1f\x7f]/.test(text)) return false;
  if (text === '*') return true;
  const given = scheme.exec(text)?.[0] ?? '';
  if (!given && text.startsWith(':')) return false;
  const rest = text.slice(given.length).split('?', 1)[0]!;
  if (!rest.startsWith('/')) return given !== '';
  if (!given || !rest.startsWith('//')) return !badEscape.test(rest);
  const end = rest.indexOf('/', 2);
  const authority = end < 0 ? rest.slice(2) : rest.slice(2, end);
  return isAuthority(authority) && (end < 0 || !badEscape.test(rest.slice(end)));
}
