import fc from 'fast-check';
import { expect, test } from 'vitest';
import { after, planLogs, StampStripper } from '../../../../src/runtimes/docker/log-lines.ts';

const stamp = (n: number) => `2026-01-02T03:04:05.${String(n).padStart(9, '0')}Z`;
const collect = (show: boolean) => {
  const out: Buffer[] = [];
  return { stripper: new StampStripper(show, (data) => out.push(data)), text: () => Buffer.concat(out).toString() };
};

test('stamps go, or stay where a line begins, however the messages are cut', () => {
  const message = fc.record({
    text: fc.string({ maxLength: 30 }).map((s) => s.replaceAll('\n', ' ')),
    whole: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      (list, cut, show) => {
        const { stripper, text } = collect(show);
        let expected = '';
        let fresh = true;
        list.forEach(({ text: body, whole }, n) => {
          const line = whole ? `${body}\n` : body;
          if (line === '') return;
          const bytes = Buffer.from(`${stamp(n)} ${line}`);
          for (let at = 0; at < bytes.length; at += cut) {
            stripper.message(bytes.subarray(at, at + cut), at + cut >= bytes.length);
          }
          expected += show && fresh ? `${stamp(n)} ${line}` : line;
          fresh = whole;
        });
        expect(text()).toBe(expected);
      },
    ),
  );
});

test('a terminal’s output is cut at its lines', () => {
  const { stripper, text } = collect(false);
  stripper.raw(Buffer.from(`${stamp(1)} one\r\n${stamp(2)} two`));
  stripper.raw(Buffer.from(` more\r\n${stamp(3)} three\r\n`));
  expect(text()).toBe('one\r\ntwo more\r\nthree\r\n');
  expect(stripper.last).toBe(stamp(3));
});

test('a broken stream goes on one nanosecond after its last line', () => {
  expect(after('2026-01-02T03:04:05.999999999Z')).toBe('1767323046.000000000');
  expect(after('2026-01-02T03:04:05Z')).toBe('1767323045.000000001');
});

test.each([
  [{}, { stdout: true, stderr: true, follow: false, timestamps: false }],
  [
    { stream: 'Stderr', tailLines: 0 },
    { stdout: false, stderr: true, follow: false, timestamps: false, tail: 0 },
  ],
  [
    { sinceSeconds: 5, follow: true },
    { stdout: true, stderr: true, follow: true, timestamps: false, sinceMs: 95_000 },
  ],
])('%j is asked for as %j', (options, plan) => {
  expect(planLogs(options, 100_000)).toEqual(plan);
});
