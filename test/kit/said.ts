/** What an object says: nothing is said by zero values, for which a version may have a default. */
export function said(value: unknown, without: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => said(item, without));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([key]) => !without.includes(key) && key !== 'apiVersion')
    .map(([key, member]) => [key, said(member, without)] as const)
    .filter(([, member]) => !isZero(member));
  return Object.fromEntries(members);
}

const isZero = (value: unknown) =>
  value === '' ||
  value === 0 ||
  value === '0' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
