import { expect, test } from 'vitest';
import { Counter, exponential, Gauge, Histogram, labels } from '../../../src/base/metrics.ts';

test('a counter tells each of its series, and those that stand at nothing', () => {
  const counter = new Counter('things_total', 'Things.', 'kind="a"');
  counter.add('kind="b"');
  counter.add('kind="b"');
  expect([...counter.lines()]).toEqual([
    '# HELP things_total Things.',
    '# TYPE things_total counter',
    'things_total{kind="a"} 0',
    'things_total{kind="b"} 2',
  ]);
});

test('a histogram tells how many were up to each bound', () => {
  const histogram = new Histogram('time_seconds', 'Time.', exponential(1, 2, 3));
  for (const value of [0.5, 2, 3, 9]) histogram.observe(value);
  expect([...histogram.lines()].slice(2)).toEqual([
    'time_seconds_bucket{le="1"} 1',
    'time_seconds_bucket{le="2"} 2',
    'time_seconds_bucket{le="4"} 3',
    'time_seconds_bucket{le="+Inf"} 4',
    'time_seconds_sum 14.5',
    'time_seconds_count 4',
  ]);
});

test('a gauge is read when it is told', () => {
  let size = 1;
  const gauge = new Gauge('size', 'Size.', () => [['', size]]);
  size = 3;
  expect([...gauge.lines()].at(-1)).toBe('size 3');
});

test('labels may hold anything', () => {
  expect(labels({ a: 'x', b: 'say "hi"\n\\' })).toBe('a="x",b="say \\"hi\\"\\n\\\\"');
});
