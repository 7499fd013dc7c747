import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../../api/types/core-v1.gen.ts';
import { subdomain } from './check.ts';
import { everyContainer } from './every-container.ts';

/** What only pods of Windows have: accounts by name, credential specs, and processes of the host. */

const maxCredentialSpec = 64 * 1024;

export function windowsOptions(
  errors: ErrorList,
  path: FieldPath,
  options: WindowsSecurityContextOptions | undefined,
): void {
  if (!options) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    subdomain(errors, path.child('gmsaCredentialSpecName'), gmsaCredentialSpecName);
  }
  const spec = path.child('gmsaCredentialSpec');
  if (gmsaCredentialSpec === '') errors.invalid(spec, '', 'gmsaCredentialSpec cannot be an empty string');
  else if (gmsaCredentialSpec !== undefined && gmsaCredentialSpec.length > maxCredentialSpec) {
    errors.invalid(spec, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB');
  }
  if (runAsUserName !== undefined) windowsUser(errors, path.child('runAsUserName'), runAsUserName);
}

const maxDomain = 256;
const maxUser = 104;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsPart = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsDomain = new RegExp(`^${dnsPart}(?:\\.${dnsPart})*$`);

/** "DOMAIN\\USER" or "USER", as Windows names accounts. */
function windowsUser(errors: ErrorList, path: FieldPath, name: string): void {
  const wrong = (text: string): void => errors.invalid(path, name, text);
  const parts = name.split('\\');
  if (name === '') wrong('runAsUserName cannot be an empty string');
  else if (/[\p{Cc}]/u.test(name)) wrong('runAsUserName cannot contain control characters');
  else if (parts.length > 2) wrong('runAsUserName cannot contain more than one backslash');
  else {
    const user = parts.at(-1)!;
    const domain = parts.length === 2 ? parts[0]! : undefined;
    if ((domain?.length ?? 0) >= maxDomain)
      wrong(`runAsUserName's Domain length must be under ${maxDomain} characters`);
    if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)) {
      wrong("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    if (user === '') wrong("runAsUserName's User cannot be empty");
    else if (user.length > maxUser) wrong(`runAsUserName's User length must not be longer than ${maxUser} characters`);
    if (/^[. ]+$/.test(user)) wrong("runAsUserName's User cannot contain only periods or spaces");
    if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
      wrong('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
    }
  }
}

/** A pod with processes of the host has nothing else, and the host's network. Source: validateWindowsHostProcessPod. */
export function hostProcesses(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const whole = spec.securityContext?.windowsOptions?.hostProcess;
  const all = everyContainer(spec, path);
  let count = 0;
  for (const { container, path: at } of all) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (whole !== undefined && own !== undefined && whole !== own) {
      const text = `pod hostProcess value must be identical if both are specified, was ${whole}`;
      errors.invalid(at.child('securityContext', 'windowsOptions', 'hostProcess'), own, text);
    }
    if (own ?? whole) count++;
  }
  if (count === 0) return;
  if (count !== all.length) {
    const text = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.invalid(path, '', text);
  }
  if (spec.hostNetwork) return;
  const text = 'hostNetwork must be true if pod contains any hostProcess containers';
  errors.invalid(path.child('hostNetwork'), false, text);
}
