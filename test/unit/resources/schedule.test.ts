import { describe, expect, it } from 'vitest';
import { timeZone } from '../../../src/base/time-zone.ts';
import { nextTime } from '../../../src/resources/batch/next-time.ts';
import { parseSchedule } from '../../../src/resources/batch/schedule.ts';

const iso = (ms: number | undefined) => (ms === undefined ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`);
const following = (schedule: string, time: string, zone?: string) =>
  iso(nextTime(parseSchedule(schedule), Date.parse(time), zone ? timeZone(zone) : undefined));

/** The first times of a schedule after an instant. */
function times(schedule: string, from: string, count: number, zone?: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  for (let time: string | undefined = from; found.length < count && time; ) {
    time = following(schedule, time, zone);
    found.push(time);
  }
  return found;
}

describe('by UTC', () => {
  it.each([
    // One field after the other.
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
    ['*/15 * * * *', '2012-07-09T14:59:59Z', '2012-07-09T15:00:00Z'],
    ['20-35/15 * * * *', '2012-07-09T15:45:00Z', '2012-07-09T16:20:00Z'],
    ['5/20 * * * *', '2026-01-01T00:25:00Z', '2026-01-01T00:45:00Z'],
    ['0 */2 * * *', '2012-07-09T22:35:00Z', '2012-07-10T00:00:00Z'],
    ['30 6-16/4 * * 1-5', '2026-01-02T14:30:00Z', '2026-01-05T06:30:00Z'],
    ['0 0 9 * *', '2012-07-09T23:35:00Z', '2012-08-09T00:00:00Z'],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', '2026-03-31T00:00:00Z'],
    ['0 0 * feb mon', '2012-07-09T23:35:00Z', '2013-02-04T00:00:00Z'],
    ['0 0 * 2 1/2', '2012-07-09T23:35:00Z', '2013-02-01T00:00:00Z'],
    ['0 0 29 2 *', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['0 0 1 JAN,dec ?', '2026-01-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    // Both days restricted: either will do. A star: both must fit, even one among others; a star in steps is none.
    ['0 0 13 * fri', '2026-02-01T00:00:00Z', '2026-02-06T00:00:00Z'],
    ['0 0 13 * *', '2026-02-01T00:00:00Z', '2026-02-13T00:00:00Z'],
    ['0 0 ? * fri', '2026-02-01T00:00:00Z', '2026-02-06T00:00:00Z'],
    ['0 0 13,* * fri', '2026-02-07T00:00:00Z', '2026-02-13T00:00:00Z'],
    ['0 0 */10 * sun', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    // Descriptors.
    ['@yearly', '2026-05-05T05:05:05Z', '2027-01-01T00:00:00Z'],
    ['@annually', '2026-05-05T05:05:05Z', '2027-01-01T00:00:00Z'],
    ['@monthly', '2026-05-05T05:05:05Z', '2026-06-01T00:00:00Z'],
    ['@weekly', '2026-05-05T05:05:05Z', '2026-05-10T00:00:00Z'],
    ['@daily', '2026-05-05T05:05:05Z', '2026-05-06T00:00:00Z'],
    ['@midnight', '2026-05-05T05:05:05Z', '2026-05-06T00:00:00Z'],
    ['@hourly', '2026-05-05T05:05:05Z', '2026-05-05T06:00:00Z'],
    ['@every 1h30m', '2026-05-05T05:05:05.5Z', '2026-05-05T06:35:05Z'],
    ['@every 1500ms', '2026-05-05T05:05:05Z', '2026-05-05T05:05:06Z'],
    ['@every 10ms', '2026-05-05T05:05:05Z', '2026-05-05T05:05:06Z'],
  ])('%s after %s is %s', (schedule, time, next) => {
    expect(following(schedule, time)).toBe(next);
  });

  it.each(['0 0 30 2 *', '59 23 31 4,6,9,11 *'])('%s never comes', (schedule) => {
    expect(following(schedule, '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});

describe('by the clocks of a zone', () => {
  const newYork = 'America/New_York';

  it.each([
    ['0 9 * * *', '2026-01-01T00:00:00Z', 'Asia/Kolkata', '2026-01-01T03:30:00Z'],
    ['0 0 1 * *', '2026-01-31T14:00:00Z', 'Asia/Tokyo', '2026-01-31T15:00:00Z'],
    ['0 9 * * *', '2026-07-01T12:00:00Z', newYork, '2026-07-01T13:00:00Z'],
    // Clocks are put forward at 2: what they skip is left out.
    ['30 2 11 mar ?', '2012-03-11T05:00:00Z', newYork, '2013-03-11T06:30:00Z'],
    ['30 2 * * *', '2012-03-10T08:00:00Z', newYork, '2012-03-12T06:30:00Z'],
    // They are put back at 2: what they show twice comes twice.
    ['30 1 4 nov ?', '2012-11-04T04:00:00Z', newYork, '2012-11-04T05:30:00Z'],
    ['30 1 4 nov ?', '2012-11-04T05:30:00Z', newYork, '2012-11-04T06:30:00Z'],
    // There is no midnight on that day.
    ['0 0 * * *', '2018-11-03T12:00:00Z', 'America/Sao_Paulo', '2018-11-05T02:00:00Z'],
    ['0 1 * * *', '2018-11-03T12:00:00Z', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['0 12 4 11 *', '2018-11-01T12:00:00Z', 'America/Sao_Paulo', '2018-11-04T14:00:00Z'],
  ])('%s after %s in %s is %s', (schedule, time, zone, next) => {
    expect(following(schedule, time, zone)).toBe(next);
  });

  it('hours follow each other when clocks change', () => {
    expect(times('0 * * * *', '2012-03-11T06:00:00Z', 2, newYork)).toEqual([
      '2012-03-11T07:00:00Z',
      '2012-03-11T08:00:00Z',
    ]);
    expect(times('0 * * * *', '2012-11-04T04:00:00Z', 3, newYork)).toEqual([
      '2012-11-04T05:00:00Z',
      '2012-11-04T06:00:00Z',
      '2012-11-04T07:00:00Z',
    ]);
  });

  it('a schedule can have a zone of its own', () => {
    expect(following('TZ=Europe/Berlin 0 12 * * *', '2026-07-01T00:00:00Z', newYork)).toBe('2026-07-01T10:00:00Z');
    expect(following('CRON_TZ=Asia/Tokyo 0 9 * * *', '2026-07-01T00:00:00Z')).toBe('2026-07-02T00:00:00Z');
    expect(() => parseSchedule('TZ=Nowhere 0 12 * * *')).toThrow(
      'provided bad location Nowhere: unknown time zone Nowhere',
    );
  });
});
