import { describe, expect, it } from 'vitest';
import { instantOf, localTime, timeZone, utc, zonedTimestamp } from '../../../src/base/time-zone.ts';

describe('names', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'US/Pacific', 'Etc/GMT+3', 'EST5EDT'])(
    '%s is a zone',
    (name) => expect(timeZone(name)?.name).toBe(name),
  );

  it.each(['', 'Nowhere/Land', 'europe/berlin', 'utc', '+01:00', '../etc/passwd'])('"%s" is none', (name) =>
    expect(timeZone(name)).toBeUndefined(),
  );
});

describe('clocks', () => {
  it.each([
    ['UTC', '2026-07-01T12:00:00Z', '2026-07-01T12:00:00Z'],
    ['Europe/Berlin', '2026-01-01T12:00:00Z', '2026-01-01T13:00:00+01:00'],
    ['Europe/Berlin', '2026-07-01T22:30:00Z', '2026-07-02T00:30:00+02:00'],
    ['Asia/Kolkata', '2026-07-01T00:00:00Z', '2026-07-01T05:30:00+05:30'],
    ['America/St_Johns', '2026-01-01T00:00:00Z', '2025-12-31T20:30:00-03:30'],
  ])('in %s at %s they show %s', (name, instant, shown) => {
    expect(zonedTimestamp(timeZone(name)!, Date.parse(instant))).toBe(shown);
  });

  const berlin = timeZone('Europe/Berlin')!;

  it.each([
    ['an ordinary time', [2026, 6, 1, 8, 30], '2026-07-01T06:30:00.000Z'],
    ['a day beyond the end of its month', [2026, 0, 32], '2026-01-31T23:00:00.000Z'],
    ['a time that is skipped, as Go reads it', [2026, 2, 29, 2, 30], '2026-03-29T01:30:00.000Z'],
    ['a time that comes twice, as Go reads it', [2026, 9, 25, 2, 30], '2026-10-25T01:30:00.000Z'],
  ] as const)('%s', (_, [year, month, day, hour, minute], instant) => {
    expect(new Date(instantOf(berlin, year, month, day, hour, minute)).toISOString()).toBe(instant);
  });

  it('of the west read a skipped time an hour earlier, as Go does', () => {
    const pacific = timeZone('America/Los_Angeles')!;
    expect(instantOf(pacific, 2011, 2, 13, 2, 30)).toBe(1_300_008_600_000);
  });

  it('show themselves in the UTC fields of a Date', () => {
    expect(localTime(berlin, Date.parse('2026-07-01T22:30:00Z')).getUTCDate()).toBe(2);
    expect(localTime(utc, 0).getUTCHours()).toBe(0);
  });
});
