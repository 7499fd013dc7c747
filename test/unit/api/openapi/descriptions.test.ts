import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { buildDescriptions } from '../../../../scripts/build-descriptions.ts';
import { bundledDescriptions } from '../../../../src/api/openapi/descriptions.ts';

test('the build gathers descriptions that the server finds beside its bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'krill-descriptions-'));
  try {
    const url = pathToFileURL(`${folder}/`);
    expect(bundledDescriptions(url)).toBeUndefined();
    expect(buildDescriptions(url)).toBeGreaterThan(500);
    const { describe, fingerprint } = bundledDescriptions(url)!;
    expect(describe('core/v1.Container', 'image')).toContain('image name');
    // Of a type of its own, which has a text too.
    expect(describe('apps/v1.RollingUpdateDeployment', 'maxSurge')).toContain('scheduled above the desired number');
    expect(describe('apps/v1.Deployment', 'spec')).toContain('desired behavior');
    expect(describe('core/v1.Pod')).toContain('collection of containers');
    expect(describe('events/v1.Event')).not.toBe(describe('core/v1.Event', 'message'));
    expect(describe('meta/v1.ListOptions', 'labelSelector')).toMatch(/^A selector .* by their labels/);
    expect(describe('core/v1.PodLogOptions', 'tailLines')).toContain('number of lines');
    expect(describe('core/v1.Pod', 'constructor')).toBeUndefined();
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
