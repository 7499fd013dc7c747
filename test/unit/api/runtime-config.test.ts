import { describe, expect, test } from 'vitest';
import { groupVersionFacts, optionalGroupVersionFacts } from '../../../src/api/discovery-facts.ts';
import { kindFacts } from '../../../src/api/facts.ts';
import { apiVersionOf } from '../../../src/api/object.ts';
import { parseRuntimeConfig, problemsOfRuntimeConfig, runtimeConfigText } from '../../../src/api/runtime-config.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import { resourceFor } from '../../../src/resources/index.ts';

const versions = (text: string, legacyApis = false) =>
  servedApis({ legacyApis, runtimeConfig: parseRuntimeConfig(text).config }).versions.map(apiVersionOf);
const byDefault = groupVersionFacts.map(apiVersionOf);
const optional = optionalGroupVersionFacts.map(apiVersionOf);
const isAlpha = (apiVersion: string) => /v\d+alpha\d+$/.test(apiVersion);
const storageVersions = 'internal.apiserver.k8s.io/v1alpha1';

describe('what can be switched on', () => {
  test('is no version that is served by default, and of kinds that the facts know', () => {
    expect(optional.filter((apiVersion) => byDefault.includes(apiVersion))).toEqual([]);
    for (const { group, version, resources } of optionalGroupVersionFacts) {
      for (const { kind, resource, storageVersion, subresources } of resources) {
        const name = `${group}/${version}/${resource}`;
        expect(kindFacts(group, version, kind)?.kind?.kind, name).toBe(kind);
        const rules = resourceFor(group, version, resource)!;
        expect([rules.kind, rules.version], name).toEqual([kind, storageVersion]);
        expect(rules.versions?.[`${group}/${version}`] === undefined, name).toBe(storageVersion === version);
        for (const sub of subresources)
          expect(kindFacts(group, version, sub.kind), `${name}/${sub.name}`).toBeDefined();
      }
    }
  });

  test('is off unless it is asked for', () => {
    expect(versions('api/ga=true').toSorted()).toEqual(byDefault.toSorted());
  });

  test('comes with all, with all of its stage, by its version, and by its resource', () => {
    expect(versions('api/all=true').toSorted()).toEqual([...byDefault, ...optional].toSorted());
    const alpha = versions('api/alpha=true').filter((apiVersion) => !byDefault.includes(apiVersion));
    expect(alpha.toSorted()).toEqual(optional.filter(isAlpha).toSorted());
    const beta = versions('api/beta=true').filter((apiVersion) => !byDefault.includes(apiVersion));
    expect(beta.toSorted()).toEqual(optional.filter((apiVersion) => !isAlpha(apiVersion)).toSorted());
    for (const text of [storageVersions, `${storageVersions}/storageversions=1`])
      expect(versions(text).toSorted()).toEqual([...byDefault, storageVersions].toSorted());
  });

  test('the more special says what counts', () => {
    expect(versions(`api/all=true,api/alpha=false`)).not.toContain(storageVersions);
    expect(versions(`api/all=true,api/alpha=false,${storageVersions}=true`)).toContain(storageVersions);
    expect(versions(`${storageVersions}=true,${storageVersions}/storageversions=false`)).not.toContain(storageVersions);
    expect(versions('autoscaling/v1=false')).toEqual(byDefault.filter((apiVersion) => apiVersion !== 'autoscaling/v1'));
  });

  test('stands beside old versions in one list of resources', () => {
    const { versions: all } = servedApis({ runtimeConfig: { 'networking.k8s.io/v1beta1': true } });
    const both = all.filter(({ group, version }) => group === 'networking.k8s.io' && version === 'v1beta1');
    expect(both.map(({ resources }) => resources.map(({ resource }) => resource))).toEqual([
      ['ipaddresses', 'servicecidrs', 'ingressclasses', 'ingresses'],
    ]);
    const off = servedApis({ legacyApis: false, runtimeConfig: { 'networking.k8s.io/v1beta1': true } });
    expect(off.serves({ group: 'networking.k8s.io', version: 'v1beta1', resource: 'ipaddresses' })).toBe(true);
    expect(off.serves({ group: 'networking.k8s.io', version: 'v1beta1', resource: 'ingresses' })).toBe(false);
  });
});

describe('a configuration', () => {
  test('is read as it is written', () => {
    const { config, problems } = parseRuntimeConfig('api/alpha=true, v1=T,autoscaling/v1=0');
    expect([config, problems]).toEqual([{ 'api/alpha': true, '/v1': true, 'autoscaling/v1': false }, []]);
    expect(runtimeConfigText(config)).toBe('api/alpha=true,/v1=true,autoscaling/v1=false');
    expect(parseRuntimeConfig(runtimeConfigText(config)).config).toEqual(config);
  });

  test.each([
    ['api/all=false', 'invalid runtime-config with only api/all=false'],
    ['api/beta=yes', 'invalid value api/beta=yes'],
    ['api/beta', 'invalid value api/beta='],
    ['toString=true', 'runtime-config invalid key toString'],
    [
      'autoscaling/v1=toString',
      'invalid value of autoscaling/v1: toString, err: strconv.ParseBool: parsing "toString": invalid syntax',
    ],
    [
      'autoscaling/v1=off',
      'invalid value of autoscaling/v1: off, err: strconv.ParseBool: parsing "off": invalid syntax',
    ],
    ['apps=true', 'runtime-config invalid key apps'],
    ['apps/v1/deployments/scale=true', 'runtime-config invalid key apps/v1/deployments/scale'],
    ['nope.io/v1=true', 'unknown api groups nope.io/v1'],
    ['metrics.k8s.io/v1beta1=false', 'unknown api groups metrics.k8s.io/v1beta1'],
    ['apps/v1beta1=true', 'group version apps/v1beta1 that has not been registered'],
    [
      `${storageVersions}/StorageVersions=true`,
      `invalid key ${storageVersions}/StorageVersions: group/version/resource and resource is always lowercase plural, not "StorageVersions"`,
    ],
    [`${storageVersions}/nopes=true`, `unknown resource nopes of ${storageVersions}`],
    ['batch/v1=false', 'the parts of krill work with batch/v1: they cannot be switched off'],
    ['v1/pods=false,api/alpha=true', 'the parts of krill work with v1: they cannot be switched off'],
  ])('%s is refused', (text, problem) => {
    expect(parseRuntimeConfig(text).problems).toEqual([problem]);
  });

  test('may switch off all and on again what is needed', () => {
    expect(problemsOfRuntimeConfig({ 'api/all': false, 'api/ga': true })).toEqual([]);
  });
});
