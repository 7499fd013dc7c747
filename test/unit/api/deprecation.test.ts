import { expect, test } from 'vitest';
import { deprecationWarning } from '../../../src/api/deprecation.ts';
import { kindFacts } from '../../../src/api/facts.ts';

const warningOf = (group: string, version: string, kind: string) =>
  deprecationWarning(kindFacts(group, version, kind)!.kind!);

test.each([
  [
    'extensions',
    'v1beta1',
    'Ingress',
    'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ],
  [
    'autoscaling',
    'v2beta2',
    'HorizontalPodAutoscaler',
    'autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated in v1.23+, unavailable in v1.26+; use autoscaling/v2 HorizontalPodAutoscaler',
  ],
  // Named by no marker: three minor versions after each other, as upstream's generator has it.
  [
    'networking.k8s.io',
    'v1beta1',
    'IPAddress',
    'networking.k8s.io/v1beta1 IPAddress is deprecated in v1.34+, unavailable in v1.37+',
  ],
  ['', 'v1', 'ComponentStatus', 'v1 ComponentStatus is deprecated in v1.19+'],
  ['', 'v1', 'Endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  [
    'settings.k8s.io',
    'v1alpha1',
    'PodPreset',
    'settings.k8s.io/v1alpha1 PodPreset is deprecated in v1.20+, unavailable in v1.20+',
  ],
])('%s/%s %s', (group, version, kind, text) => {
  expect(warningOf(group, version, kind)).toBe(text);
});

test('what is current, or deprecated only in a version to come, is warned of by nobody', () => {
  expect(warningOf('apps', 'v1', 'Deployment')).toBeUndefined();
  expect(warningOf('admissionregistration.k8s.io', 'v1beta1', 'MutatingAdmissionPolicy')).toBeUndefined();
});
