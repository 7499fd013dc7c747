/** A zone of the IANA data base: what clocks show there at an instant, and which instant is meant by what they show. */
export interface TimeZone {
  readonly name: string;
  /** How far clocks are ahead of UTC at an instant, in milliseconds. */
  offset(instant: number): number;
}

export const utc: TimeZone = { name: 'UTC', offset: () => 0 };

/** The zone of this name, undefined when there is none. Names are case-sensitive, as the files of the data base are. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === 'UTC') return utc;
  const format = formatOf(name);
  if (!format) return undefined;
  return { name, offset: (instant) => parseOffset(format.format(instant)) };
}

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  // Numbers stand for offsets, which are no zones.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const resolved = format.resolvedOptions().timeZone;
    // Another name is an alias; the same in other letters is a slip.
    const slip = resolved !== name && resolved.toLowerCase() === name.toLowerCase();
    return slip ? undefined : format;
  } catch {
    return undefined;
  }
}

/** "1/1/1970, GMT+05:30" is five and a half hours; "GMT" alone is none. */
function parseOffset(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text)!;
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -size : size;
}

/** What clocks show: a Date whose UTC fields are the local ones. */
export const localTime = (zone: TimeZone, instant: number): Date => new Date(instant + zone.offset(instant));

/**
 * The instant at which clocks show this; fields out of bounds carry over. Where clocks show it twice or never, one of the
 * two readings: the one that Go's time.Date chooses.
 */
export function instantOf(zone: TimeZone, year: number, month: number, day: number, hour = 0, minute = 0): number {
  const shown = Date.UTC(year, month, day, hour, minute);
  return shown - zone.offset(shown - zone.offset(shown));
}

/** RFC 3339 with the zone's offset: "2026-07-01T08:00:00+02:00". */
export function zonedTimestamp(zone: TimeZone, instant: number): string {
  const shown = localTime(zone, instant).toISOString().slice(0, 19);
  const minutes = Math.round(zone.offset(instant) / 60_000);
  if (minutes === 0) return `${shown}Z`;
  const two = (n: number) => String(n).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${shown}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
