import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';

/** "domain/path.part": who signs a certificate. Source: core/validation ValidateSignerName. */

const maxDomain = 253;
const maxName = 571;

/** Tells what is wrong with the first of the parts that has something wrong. */
function parts(errors: ErrorList, path: FieldPath, segment: string, check: (part: string) => string[]): void {
  const wrong = segment.split('.').find((part) => check(part).length > 0);
  if (wrong === undefined) return;
  for (const text of check(wrong)) errors.invalid(path, segment, `validating label ${JSON.stringify(wrong)}: ${text}`);
}

export function signerName(errors: ErrorList, path: FieldPath, name: string | undefined): void {
  if (!name) {
    errors.required(path);
    return;
  }
  const segments = name.split('/');
  const [domain = '', signer = ''] = segments;
  if (segments.length !== 2) {
    errors.invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    return;
  }
  if (domain.length > maxDomain) errors.tooLong(path, maxDomain);
  parts(errors, path, domain, dns1123LabelErrors);
  if (domain.split('.').length < 2) {
    errors.invalid(path, domain, 'should be a domain with at least two segments separated by dots');
  }
  parts(errors, path, signer, dns1123SubdomainErrors);
  if (name.length > maxName) errors.tooLong(path, maxName);
}
