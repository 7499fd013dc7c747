import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';

/** "domain/path.part": who signs a certificate. Source: core/validation ValidateSignerName. */

const maxSegments = 571;

export function signerName(errors: ErrorList, path: FieldPath, name: string | undefined): void {
  if (!name) {
    errors.required(path);
    return;
  }
  const segments = name.split('/');
  const [domain = '', signer = ''] = segments;
  if (segments.length !== 2) {
    errors.invalid(path, name, 'must be a fully qualified domain and path of the form "example.com/signer-name"');
    return;
  }
  for (const text of dns1123SubdomainErrors(domain)) {
    errors.invalid(path, domain, `validating label ${JSON.stringify(domain)}: ${text}`);
  }
  if (domain.split('.').length < 2) {
    errors.invalid(path, domain, 'should be a domain with at least two segments separated by dots');
  }
  for (const part of signer.split('.')) {
    for (const text of dns1123LabelErrors(part)) {
      errors.invalid(path, signer, `validating label ${JSON.stringify(part)}: ${text}`);
    }
  }
  if (name.length > maxSegments) errors.tooLong(path, maxSegments);
}
