import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conform } from '../../../src/api/conform.ts';
import { kindFacts } from '../../../src/api/facts.ts';
import { parseApiVersion } from '../../../src/api/object.ts';
import { parseYaml } from '../../../src/api/yaml.ts';

/**
 * Upstream's golden objects, every field of every kind set, where a developer has unpacked Debian's golang-k8s-api-dev
 * (see scripts/gen-facts.ts; KRILL_GO_SOURCES names the folder).
 */
const folder = join(process.env['KRILL_GO_SOURCES'] ?? '/tmp/sid/x', 'usr/share/gocode/src/k8s.io/api/testdata/HEAD');

test.skipIf(!existsSync(folder))('golden objects conform untouched, and their YAML reads the same', () => {
  const files = readdirSync(folder).filter((f) => f.endsWith('.json') && f !== 'core.v1.WatchEvent.json');
  expect(files.length).toBeGreaterThan(180);
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const golden = JSON.parse(text) as { apiVersion: string; kind: string };
    const gv = parseApiVersion(golden.apiVersion)!;
    const { value, unknown } = conform(kindFacts(gv.group, gv.version, golden.kind)!, JSON.parse(text));
    expect({ file, unknown, value }).toEqual({ file, unknown: [], value: golden });
    expect(parseYaml(readFileSync(join(folder, file.replace('.json', '.yaml')), 'utf8'))).toEqual({
      value: golden,
      duplicates: [],
    });
  }
});
