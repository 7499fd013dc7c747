/** IntOrString: a number, or text that is a percentage or a port name. Source: apimachinery `util/intstr`. */
export type IntOrString = string | number;

const percent = /^[-+]?[0-9]+%$/;

/** The percentage of "25%", undefined for anything else. */
export const percentOf = (value: IntOrString): number | undefined =>
  typeof value === 'string' && percent.test(value) ? Number(value.slice(0, -1)) : undefined;

/** A text that is neither number nor percentage. */
export class IntOrStringError extends Error {
  constructor(why: string) {
    super(`invalid value for IntOrString: ${why}`);
    this.name = 'IntOrStringError';
  }
}

/** A number as it is, a percentage of `total` rounded up or down. Throws `IntOrStringError` for other texts. */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  if (!value.endsWith('%')) throw new IntOrStringError('invalid type: string is not a percentage');
  const share = percentOf(value);
  if (share === undefined)
    throw new IntOrStringError(
      `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`,
    );
  const exact = (share * total) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
}
