import { expect, test } from 'vitest';
import { imageLocality } from '../../../../src/scheduler/plugins/image-locality.ts';
import { scored } from '../kit.ts';

const MiB = 1024 * 1024;

test('prefers nodes with the image, by its size and spread; a missing tag is latest', () => {
  const nodes = [{ name: 'has', images: { 'app:latest': 1046 * MiB } }, { name: 'lacks' }];
  expect(scored(imageLocality, { image: 'app' }, nodes)).toEqual({ has: 51, lacks: 0 });
  expect(scored(imageLocality, { image: 'app:2' }, nodes)).toBeUndefined();
  expect(scored(imageLocality, { image: 'localhost:5000/app' }, nodes)).toBeUndefined();
});

test('images that are mounted count like those that run', () => {
  const nodes = [{ name: 'has', images: { 'data:1': 1046 * MiB } }, { name: 'lacks' }];
  const volumes = [{ name: 'data', image: { reference: 'data:1' } }];
  expect(scored(imageLocality, { image: 'other', volumes }, nodes)).toEqual({ has: 51, lacks: 0 });
});

test('small images are not worth a preference', () => {
  const nodes = [{ name: 'has', images: { 'app:latest': 20 * MiB } }, { name: 'lacks' }];
  expect(scored(imageLocality, {}, nodes)).toEqual({ has: 0, lacks: 0 });
});
