import type { Correlation } from './correlation.ts';

/** Where ratcheting stands: the correlated value, or the nearest above that was. */
export interface Ratchet {
  readonly at: Correlation | undefined;
  readonly above: Correlation | undefined;
}

export const isUnchanged = ({ at, above }: Ratchet): boolean => (at ?? above)?.unchanged ?? false;

export function fieldRatchet(ratchet: Ratchet, name: string): Ratchet {
  if (!ratchet.at) return ratchet;
  // The type of an object is what its endpoint says, whatever was stored.
  if (!ratchet.above && (name === 'apiVersion' || name === 'kind')) return { at: undefined, above: undefined };
  return { at: ratchet.at.field(name), above: ratchet.at };
}

export const itemRatchet = (ratchet: Ratchet, index: number): Ratchet =>
  ratchet.at ? { at: ratchet.at.item(index), above: ratchet.at } : ratchet;
