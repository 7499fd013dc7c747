import { FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { dns1123LabelErrors, labelValueErrors } from '../../api/names.ts';
import type { ObjectMeta } from '../../api/object.ts';
import type { Affinity, PodAffinity, PodSpec, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { addressWarnings } from './addresses.ts';
import { containerWarnings, fractionalBytes } from './container-warnings.ts';
import { nodeLabelWarnings, replacedLabel } from './node-labels.ts';
import { annotationWarnings } from './pod-annotations.ts';
import { portWarnings } from './port-warnings.ts';
import { volumeWarnings } from './volume-warnings.ts';

/** What a user probably did not mean with a pod or a template of pods. Source: pkg/api/pod warnings.go. */

const labelAdvice = 'can result in surprising behavior; a DNS label is recommended';

/** A name that is no DNS label cannot be the host name of a pod; `use` says what the name is used for. */
export function nameWarnings(name: string | undefined, use = 'Pod names and hostnames'): string[] {
  const texts = dns1123LabelErrors(name ?? '');
  if (texts.length === 0) return [];
  return [`metadata.name: this is used in ${use}, which ${labelAdvice}: [${texts.join(' ')}]`];
}

function placementWarnings(spec: PodSpec, path: FieldPath): string[] {
  if (!spec.nodeSelector && !spec.affinity && !spec.topologySpreadConstraints) return [];
  const found: string[] = [];
  for (const key in spec.nodeSelector) {
    const text = replacedLabel(key);
    if (text) found.push(`${path.child('nodeSelector').key(key)}: ${text}`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  const at = path.child('affinity', 'nodeAffinity');
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const required = at.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  for (const [i, term] of terms.entries()) found.push(...nodeLabelWarnings(term, `${required.index(i)}`));
  const preferred = at.child('preferredDuringSchedulingIgnoredDuringExecution');
  for (const [i, term] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const place = preferred.index(i).child('preference');
    found.push(...nodeLabelWarnings(term.preference, `${place}`));
    for (const [j, { values = [] }] of (term.preference?.matchExpressions ?? []).entries()) {
      for (const [k, value] of values.entries()) {
        const where = place.child('matchExpressions').index(j).child('values').index(k);
        for (const text of labelValueErrors(value)) found.push(`${where}: ${value} is invalid, ${text}`);
      }
    }
  }
  for (const [i, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const place = path.child('topologySpreadConstraints').index(i);
    const text = replacedLabel(constraint.topologyKey ?? '');
    if (text) found.push(`${place.child('topologyKey')}: ${constraint.topologyKey} is ${text}`);
    found.push(...selectsNothing(constraint, place));
  }
  return found;
}

function selectsNothing(term: { readonly labelSelector?: unknown } | undefined, path: FieldPath): string[] {
  if (term?.labelSelector) return [];
  return [`${path.child('labelSelector')}: a null labelSelector results in matching no pod`];
}

function podAffinityWarnings(affinity: PodAffinity | undefined, path: FieldPath): string[] {
  if (!affinity) return [];
  const required = path.child('requiredDuringSchedulingIgnoredDuringExecution');
  const preferred = path.child('preferredDuringSchedulingIgnoredDuringExecution');
  return [
    ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) =>
      selectsNothing(term, required.index(i)),
    ),
    ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) =>
      selectsNothing(term.podAffinityTerm, preferred.index(i).child('podAffinityTerm')),
    ),
  ];
}

const affinityWarnings = ({ podAffinity, podAntiAffinity }: Affinity, path: FieldPath): string[] => [
  ...podAffinityWarnings(podAffinity, path.child('podAffinity')),
  ...podAffinityWarnings(podAntiAffinity, path.child('podAntiAffinity')),
];

function repeated(values: readonly string[], pathOf: (i: number) => FieldPath, what: string): string[] {
  if (values.length < 2) return [];
  const seen = new Set<string>();
  return values.flatMap((value, i) => {
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [`${pathOf(i)}: duplicate ${what} ${JSON.stringify(value)}`];
  });
}

/** Hosts and secrets that are named again, or not at all. */
function repetitions({ hostAliases = [], imagePullSecrets = [] }: PodSpec, path: FieldPath): string[] {
  if (hostAliases.length === 0 && imagePullSecrets.length === 0) return [];
  const addresses = hostAliases.map(({ ip = '' }) => ip);
  const names = imagePullSecrets.map(({ name = '' }) => name);
  const namePath = (i: number): FieldPath => path.child('imagePullSecrets').index(i).child('name');
  return [
    ...repeated(addresses, (i) => path.child('hostAliases').index(i).child('ip'), 'ip'),
    ...repeated(names, namePath, 'name'),
    ...names.flatMap((name, i) => (name ? [] : [`${namePath(i)}: invalid empty name ""`])),
  ];
}

function addressesOf(spec: PodSpec, path: FieldPath): string[] {
  if (!spec.dnsConfig && !spec.hostAliases) return [];
  return [
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((value, i) =>
      addressWarnings(path.child('dnsConfig', 'nameservers').index(i), value),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip = '' }, i) =>
      addressWarnings(path.child('hostAliases').index(i).child('ip'), ip),
    ),
  ];
}

interface Named {
  readonly metadata: ObjectMeta;
}

type Annotations = Readonly<Record<string, string>> | undefined;

/** `metadata` and `path` lead to where the metadata and the spec are. */
function warningsOf(
  annotations: Annotations,
  spec: PodSpec,
  metadata: FieldPath,
  path: FieldPath,
  isTemplate: boolean,
): string[] {
  const found = [
    ...placementWarnings(spec, path),
    ...annotationWarnings(metadata.child('annotations'), annotations, spec, isTemplate),
    ...(spec.volumes ? volumeWarnings(spec.volumes, path.child('volumes')) : []),
    ...repetitions(spec, path),
    ...fractionalBytes(path, 'overhead', spec.overhead),
    ...containerWarnings(spec, path),
    ...portWarnings(spec, path),
  ];
  if (comparable(spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const place = path.child('terminationGracePeriodSeconds');
    found.push(`${place}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  return [
    ...found,
    ...(spec.affinity ? affinityWarnings(spec.affinity, path.child('affinity')) : []),
    ...addressesOf(spec, path),
  ];
}

const podMetadata = FieldPath.of('metadata');
const podSpec = FieldPath.of('spec');

/** An update warns of nothing that has been warned of: the spec of a pod hardly changes. */
export function podWarnings(pod: Named & { readonly spec?: PodSpec }, old: unknown): string[] {
  if (old || !pod.spec) return [];
  const { name, annotations } = pod.metadata;
  return [
    ...nameWarnings(name, "the Pod's hostname"),
    ...warningsOf(annotations, pod.spec, podMetadata, podSpec, false),
  ];
}

export function templateWarnings(template: PodTemplateSpec | undefined, path: FieldPath): string[] {
  if (!template?.spec) return [];
  const { metadata, spec } = template;
  return warningsOf(metadata?.annotations, spec, path.child('metadata'), path.child('spec'), true);
}

interface Workload extends Named {
  readonly spec?: { readonly template?: PodTemplateSpec };
}

const specTemplate = FieldPath.of('spec', 'template');

/** Whether an object is new or its spec has changed: only then is there something new to warn of. */
export const isNews = (object: Named, old: Named | undefined): boolean =>
  object.metadata.generation === undefined || object.metadata.generation !== old?.metadata.generation;

/** Warnings of a kind with a template in its spec, whose name may come to be part of host names. */
export const workloadWarnings =
  (namesHosts: boolean) =>
  (object: Workload, old: Workload | undefined): string[] => [
    ...(namesHosts && !old ? nameWarnings(object.metadata.name) : []),
    ...(isNews(object, old) ? templateWarnings(object.spec?.template, specTemplate) : []),
  ];
