import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { portNameErrors } from '../../api/names.ts';
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from '../../api/types/core-v1.gen.ts';
import { label, oneOf, optionalOneOf, port, present, protocols } from './check.ts';
import { env, envFrom } from './env.ts';
import { noProbes, probes } from './probes.ts';
import { resources } from './quantities.ts';
import { securityContext } from './security-context.ts';
import { volumeDevices, volumeMounts } from './volume-mounts.ts';

/** Containers of every kind: one set of rules, and what is special to init and ephemeral ones. */

/** What a container's rules need to know of its pod. */
export interface PodContext {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: readonly string[];
  readonly hostUsers: boolean;
}

export const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];

function ports(errors: ErrorList, path: FieldPath, list: readonly ContainerPort[] | undefined): void {
  if (!list) return;
  const names = new Set<string>();
  for (let i = 0; i < list.length; i++) {
    const { name, containerPort, hostPort, protocol } = list[i]!;
    const at = path.index(i);
    if (name) {
      const texts = portNameErrors(name);
      for (const text of texts) errors.invalid(at.child('name'), name, text);
      if (texts.length === 0 && names.has(name)) errors.duplicate(at.child('name'), name);
      names.add(name);
    }
    if (!containerPort) errors.required(at.child('containerPort'));
    else port(errors, at.child('containerPort'), containerPort);
    if (hostPort) port(errors, at.child('hostPort'), hostPort);
    oneOf(errors, at.child('protocol'), protocol, protocols);
  }
}

function resizePolicy(errors: ErrorList, path: FieldPath, container: Container, restartPolicy: string): void {
  const seen = new Set<string>();
  for (const [i, policy] of (container.resizePolicy ?? []).entries()) {
    if (seen.has(policy.resourceName)) errors.duplicate(path.index(i), policy.resourceName);
    seen.add(policy.resourceName);
    oneOf(errors, path, policy.resourceName, ['cpu', 'memory']);
    oneOf(errors, path, policy.restartPolicy, ['NotRequired', 'RestartContainer']);
    if (restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      errors.invalid(path, policy.restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
  }
}

function common(errors: ErrorList, path: FieldPath, container: Container, pod: PodContext): void {
  if (present(errors, path.child('name'), container.name)) label(errors, path.child('name'), container.name);
  present(errors, path.child('image'), container.image);
  oneOf(errors, path.child('terminationMessagePolicy'), container.terminationMessagePolicy, messagePolicies, 'given');
  ports(errors, path.child('ports'), container.ports);
  env(errors, path.child('env'), container.env);
  envFrom(errors, path.child('envFrom'), container.envFrom);
  volumeMounts(errors, path.child('volumeMounts'), container, pod.volumes);
  volumeDevices(errors, path.child('volumeDevices'), container, pod.volumes);
  oneOf(errors, path.child('imagePullPolicy'), container.imagePullPolicy, pullPolicies);
  resources(errors, path.child('resources'), container.resources, pod.claimNames);
  resizePolicy(errors, path.child('resizePolicy'), container, pod.spec.restartPolicy ?? '');
  securityContext(errors, path.child('securityContext'), container.securityContext, pod.hostUsers);
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const restartActions = ['Restart', 'RestartAllContainers'];
const maxRestartRules = 20;
const maxExitCodes = 255;

/** A restart policy of the container's own, and rules that depart from it by exit code. */
function ownRestarts(errors: ErrorList, path: FieldPath, container: Container): void {
  const rules = container.restartPolicyRules ?? [];
  if (container.restartPolicy === undefined) {
    if (rules.length) {
      errors.required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used');
    }
    return;
  }
  if (!restartPolicies.includes(container.restartPolicy)) {
    errors.notSupported(path.child('restartPolicy'), container.restartPolicy, restartPolicies);
  }
  const at = path.child('restartPolicyRules');
  if (rules.length > maxRestartRules) errors.tooMany(at, rules.length, maxRestartRules);
  for (const [i, rule] of rules.entries()) {
    const place = at.index(i);
    if (!restartActions.includes(rule.action)) {
      errors.notSupported(place.child('action'), rule.action, restartActions);
    }
    if (!rule.exitCodes) {
      errors.required(place.child('exitCodes'), 'must be specified');
      continue;
    }
    const { operator, values = [] } = rule.exitCodes;
    optionalOneOf(errors, place.child('exitCodes', 'operator'), operator ?? '', ['In', 'NotIn']);
    if (values.length > maxExitCodes) {
      errors.tooMany(place.child('exitCodes', 'values'), values.length, maxExitCodes);
    }
  }
}

/** Two containers of one pod cannot have the same port of the node. */
function hostPorts(errors: ErrorList, path: FieldPath, containers: readonly Container[]): void {
  const taken = new Set<string>();
  for (const [i, container] of containers.entries()) {
    for (const [j, { protocol = '', hostIP = '', hostPort }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.duplicate(path.index(i).child('ports').index(j).child('hostPort'), key);
      taken.add(key);
    }
  }
}

export function appContainers(errors: ErrorList, path: FieldPath, pod: PodContext): void {
  const { containers, terminationGracePeriodSeconds: grace } = pod.spec;
  if (!containers?.length) {
    errors.required(path);
    return;
  }
  const names = new Set<string>();
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!;
    const at = path.index(i);
    common(errors, at, container, pod);
    if (names.has(container.name)) errors.duplicate(at.child('name'), container.name);
    names.add(container.name);
    probes(errors, at, container, grace, pod.spec.os?.name);
    ownRestarts(errors, at, container);
  }
  hostPorts(errors, path, containers);
}

export function initContainers(errors: ErrorList, path: FieldPath, pod: PodContext): void {
  const { initContainers: list, containers, terminationGracePeriodSeconds: grace } = pod.spec;
  if (!list) return;
  const names = new Set((containers ?? []).map((c) => c.name));
  for (const [i, container] of list.entries()) {
    const at = path.index(i);
    common(errors, at, container, pod);
    ownRestarts(errors, at, container);
    if (names.has(container.name)) errors.duplicate(at.child('name'), container.name);
    else if (container.name) names.add(container.name);
    hostPorts(errors, path, [container]);
    if (container.restartPolicy === 'Always') probes(errors, at, container, grace, pod.spec.os?.name);
    else {
      noProbes(errors, at, container);
      noRestartOnResize(errors, at.child('resizePolicy'), container);
    }
  }
}

/** An init container that ends is not there to be restarted when it is resized. */
function noRestartOnResize(errors: ErrorList, path: FieldPath, container: Container): void {
  for (const [i, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
    if (restartPolicy !== 'RestartContainer') continue;
    const text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errors.invalid(path.index(i).child('restartPolicy'), restartPolicy, text);
  }
}

const notForEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
const ephemeralText = 'cannot be set for an Ephemeral Container';

const isSet = (value: unknown): boolean =>
  Array.isArray(value) || (typeof value === 'object' && value !== null)
    ? Object.keys(value).length > 0
    : value !== undefined;

function ephemeral(errors: ErrorList, path: FieldPath, container: EphemeralContainer): void {
  for (const name of notForEphemeral) if (isSet(container[name])) errors.forbidden(path.child(name), ephemeralText);
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = path.child('volumeMounts').index(i);
    if (mount.subPath) errors.forbidden(at.child('subPath'), ephemeralText);
    if (mount.subPathExpr) errors.forbidden(at.child('subPathExpr'), ephemeralText);
  }
}

export function ephemeralContainers(errors: ErrorList, path: FieldPath, pod: PodContext): void {
  const list = pod.spec.ephemeralContainers;
  if (!list) return;
  const others = new Set([...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map((c) => c.name));
  const names = new Set(others);
  for (const [i, container] of list.entries()) {
    const at = path.index(i);
    common(errors, at, container, pod);
    imageSpaces(errors, at, container);
    if (names.has(container.name)) errors.duplicate(at.child('name'), container.name);
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.notFound(at.child('targetContainerName'), target);
    ephemeral(errors, at, container);
  }
}

/** Templates may hold an image of spaces, pods may not. */
export function imageSpaces(errors: ErrorList, path: FieldPath, container: { readonly image?: string }): void {
  const { image = '' } = container;
  if (image.trim() !== image)
    errors.invalid(path.child('image'), image, 'must not have leading or trailing whitespace');
}
