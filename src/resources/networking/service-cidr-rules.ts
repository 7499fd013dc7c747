import type { ErrorList } from '../../api/field-errors.ts';
import { immutableText } from '../../api/object-meta.ts';
import type { ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { canonicalCidr } from '../rules/addresses.ts';
import { bothFamilies } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';

/** Rules of ServiceCIDRs. Source: networking validation. */

const path = specPath.child('cidrs');
const perFamily = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

export function validateServiceCidr({ spec }: ServiceCIDR, errors: ErrorList): void {
  const ranges = spec?.cidrs ?? [];
  if (ranges.length === 0) errors.required(path, 'at least one CIDR required');
  else if (ranges.length > 2) errors.invalid(path, spec, 'may only hold up to 2 values');
  else if (ranges.length === 2 && !bothFamilies(ranges.map((range) => range.split('/')[0]!))) {
    errors.invalid(path, spec, perFamily);
  } else for (const [i, range] of ranges.entries()) canonicalCidr(errors, path.index(i), range);
}

/** A range stays; one of the other family may join it. */
export function validateServiceCidrUpdate(object: ServiceCIDR, old: ServiceCIDR, errors: ErrorList): void {
  const [now, before] = [object.spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  if (now.length < before.length) {
    errors.invalid(path, now, immutableText);
    return;
  }
  for (const [i, range] of before.entries()) {
    if (now[i] !== range) errors.invalid(path.index(i), now[i], immutableText);
  }
}
