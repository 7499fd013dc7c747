/** A range of IPv4 addresses, such as 10.96.0.0/16, with addresses as numbers. */
export interface Ipv4Range {
  readonly text: string;
  readonly first: number;
  readonly size: number;
}

export function parseRange(text: string): Ipv4Range {
  const [address = '', bits = ''] = text.split('/');
  const base = parseIpv4(address);
  const length = Number(bits);
  if (base === undefined || !Number.isInteger(length) || length < 1 || length > 30)
    throw new Error(`${JSON.stringify(text)} is not an IPv4 range such as 10.96.0.0/16`);
  const size = 2 ** (32 - length);
  return { text, first: base - (base % size), size };
}

export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export const formatIpv4 = (value: number): string =>
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
