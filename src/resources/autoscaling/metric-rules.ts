import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import { entryOf } from '../../api/object.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from '../../api/types/autoscaling-v2.gen.ts';
import { label, named } from '../rules/check.ts';
import { containerResourceName } from '../rules/quantities.ts';

/** What a horizontal pod autoscaler measures. */

const segment = (name: string): string[] => nameIsPathSegment(name, false);

/** What is wrong with the version of a reference, if anything; `core` permits the group without a name. */
function versionFinding(version: string, core: boolean): string | undefined {
  const slash = version.indexOf('/');
  if (slash !== version.lastIndexOf('/')) return `unexpected GroupVersion string: ${version}`;
  return core || slash > 0 ? undefined : 'apiVersion must specify API group';
}

function reference(errors: ErrorList, path: FieldPath, ref: CrossVersionObjectReference | undefined): void {
  for (const field of ['kind', 'name'] as const) {
    const value = ref?.[field];
    if (value) named(errors, path.child(field), value, segment);
    else errors.required(path.child(field));
  }
}

function versionOf(errors: ErrorList, path: FieldPath, version: string, core: boolean): void {
  const finding = versionFinding(version, core);
  if (finding !== undefined) errors.invalid(path.child('apiVersion'), version, finding);
}

/** A target is looked up by group and kind; one stored before versions were checked may stay. */
export function scaleReference(
  errors: ErrorList,
  path: FieldPath,
  ref: CrossVersionObjectReference | undefined,
  old: CrossVersionObjectReference | undefined,
): void {
  reference(errors, path, ref);
  const version = ref?.apiVersion ?? '';
  if (old && (old.apiVersion ?? '') === version && old.kind === ref?.kind) return;
  versionOf(errors, path, version, ref?.kind === 'ReplicationController');
}

/** Whether an object that a metric is measured at names its version as it must. */
export const soundVersion = ({ type, object: source }: MetricSpec): boolean =>
  type !== 'Object' || !source || versionFinding(source.describedObject?.apiVersion ?? '', true) === undefined;

function identifier(errors: ErrorList, path: FieldPath, metric: MetricIdentifier | undefined): void {
  if (metric?.name) named(errors, path.child('name'), metric.name, segment);
  else errors.required(path.child('name'), 'must specify a metric name');
}

function positive(errors: ErrorList, path: FieldPath, value: string | undefined): void {
  if (value === undefined) return;
  const quantity = parseQuantity(value);
  if (quantity.nano <= 0n) errors.invalid(path, quantity.text, 'must be positive');
}

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function target(errors: ErrorList, path: FieldPath, value: MetricTarget | undefined): void {
  const type = value?.type ?? '';
  if (!type) errors.required(path.child('type'), 'must specify a metric target type');
  if (!targetTypes.includes(type)) {
    errors.invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue');
  }
  positive(errors, path.child('value'), value?.value);
  positive(errors, path.child('averageValue'), value?.averageValue);
  const utilization = value?.averageUtilization;
  if (utilization !== undefined && utilization < 1) {
    errors.invalid(path.child('averageUtilization'), utilization, 'must be greater than 0');
  }
}

const either = 'must set either a target raw value or a target utilization';
const notBoth = 'may not set both a target raw value and a target utilization';

/** The target of a resource: a share of what is requested, or an amount. */
function shareOrAmount(errors: ErrorList, path: FieldPath, value: MetricTarget | undefined): void {
  target(errors, path, value);
  const { averageUtilization: share, averageValue: amount } = value ?? {};
  if (share === undefined && amount === undefined) errors.required(path.child('averageUtilization'), either);
  if (share !== undefined && amount !== undefined) errors.forbidden(path.child('averageValue'), notBoth);
}

function object(errors: ErrorList, path: FieldPath, source: ObjectMetricSource, lax: boolean): void {
  const at = path.child('describedObject');
  reference(errors, at, source.describedObject);
  if (!lax) versionOf(errors, at, source.describedObject?.apiVersion ?? '', true);
  identifier(errors, path.child('metric'), source.metric);
  target(errors, path.child('target'), source.target);
  if (source.target?.value === undefined && source.target?.averageValue === undefined) {
    errors.required(path.child('target', 'averageValue'), 'must set either a target value or averageValue');
  }
}

function external(errors: ErrorList, path: FieldPath, source: ExternalMetricSource): void {
  identifier(errors, path.child('metric'), source.metric);
  target(errors, path.child('target'), source.target);
  const { value, averageValue } = source.target ?? {};
  if (value === undefined && averageValue === undefined) {
    const text = 'must set either a target value for metric or a per-pod target';
    errors.required(path.child('target', 'averageValue'), text);
  }
  if (value !== undefined && averageValue !== undefined) {
    const text = 'may not set both a target value for metric and a per-pod target';
    errors.forbidden(path.child('target', 'value'), text);
  }
}

function pods(errors: ErrorList, path: FieldPath, source: PodsMetricSource): void {
  identifier(errors, path.child('metric'), source.metric);
  target(errors, path.child('target'), source.target);
  if (source.target?.averageValue === undefined) {
    errors.required(path.child('target', 'averageValue'), 'must specify a positive target averageValue');
  }
}

function resource(errors: ErrorList, path: FieldPath, source: ResourceMetricSource): void {
  if (!source.name) errors.required(path.child('name'), 'must specify a resource name');
  shareOrAmount(errors, path.child('target'), source.target);
}

function containerResource(errors: ErrorList, path: FieldPath, source: ContainerResourceMetricSource): void {
  if (source.name) containerResourceName(errors, path.child('name'), source.name);
  else errors.required(path.child('name'), 'must specify a resource name');
  if (source.container) label(errors, path.child('container'), source.container);
  else errors.required(path.child('container'), 'must specify a container');
  shareOrAmount(errors, path.child('target'), source.target);
}

const sources = { object, external, pods, resource, containerResource } as const;
type SourceName = keyof typeof sources;
type Check = (errors: ErrorList, path: FieldPath, source: unknown, lax: boolean) => void;

const sourceOf: Readonly<Record<string, SourceName>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

/** `lax`: versions of described objects are not checked. */
export function metric(errors: ErrorList, path: FieldPath, spec: MetricSpec, lax: boolean): void {
  const at = path.child('type');
  const expected = entryOf(sourceOf, spec.type ?? '');
  const types = Object.keys(sourceOf);
  if (!spec.type) errors.required(at, 'must specify a metric source type');
  if (!expected) errors.notSupported(at, spec.type ?? '', types);
  const present = (Object.keys(sources) as SourceName[]).filter((name) => spec[name] !== undefined);
  const [first] = present;
  if (first) (sources[first] as Check)(errors, path.child(first), spec[first], lax);
  if (!expected) errors.notSupported(at, spec.type ?? '', types);
  else if (!spec[expected]) {
    errors.required(path.child(expected), 'must populate information for the given metric source');
  }
  if (present.length === 1) return;
  for (const name of present) {
    if (name !== expected) errors.forbidden(path.child(name), 'must populate the given metric source only');
  }
}
