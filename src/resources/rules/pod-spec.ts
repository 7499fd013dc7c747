import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { rangeErrors } from '../../api/names.ts';
import type { PodDNSConfig, PodSpec, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { address, label, named, oneOf, optionalOneOf, qualifiedName, subdomain } from './check.ts';
import { appContainers, ephemeralContainers, initContainers, type PodContext } from './containers.ts';
import { everyContainer } from './every-container.ts';
import { annotations, labels } from './labels.ts';
import { operatingSystem } from './operating-system.ts';
import { matchingProfiles, podAnnotations } from './pod-annotations.ts';
import { podLevelResources } from './pod-resources.ts';
import { containerResourceName, resources } from './quantities.ts';
import { affinity, tolerations, topologySpread } from './scheduling.ts';
import { hostUsers, podSecurityContext } from './security-context.ts';
import { volumes } from './volumes.ts';
import { hostProcesses } from './windows.ts';

/** The spec of a pod, in pods and in every template. Source: ValidatePodSpec. */

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchLength = 2048;
const maxInt32 = 2_147_483_647;

const searchPattern = /^(_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const searchText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

function dns(errors: ErrorList, path: FieldPath, config: PodDNSConfig | undefined, policy: string | undefined): void {
  const nameservers = config?.nameservers ?? [];
  if (policy === 'None') {
    if (!config) {
      errors.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
      return;
    }
    if (nameservers.length === 0) {
      const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errors.required(path.child('nameservers'), text);
      return;
    }
  }
  if (!config) return;
  if (nameservers.length > maxNameservers) {
    errors.invalid(path.child('nameservers'), nameservers, `must not have more than ${maxNameservers} nameservers`);
  }
  for (const [i, server] of nameservers.entries()) address(errors, path.child('nameservers').index(i), server);
  searches(errors, path.child('searches'), config.searches ?? []);
  for (const [i, option] of (config.options ?? []).entries()) {
    if (!option.name) errors.required(path.child('options').index(i), 'must not be empty');
  }
}

function searches(errors: ErrorList, path: FieldPath, list: readonly string[]): void {
  if (list.length > maxSearches) errors.invalid(path, list, `must not have more than ${maxSearches} search paths`);
  if (list.join(' ').length > maxSearchLength) {
    const text = `must not have more than ${maxSearchLength} characters (including spaces) in the search list`;
    errors.invalid(path, list, text);
  }
  for (const [i, search] of list.entries()) {
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    if (search !== '.' && !searchPattern.test(name)) errors.invalid(path.index(i), name, searchText);
  }
}

/** On the host's network a container's port is the node's port. */
function hostNetwork(errors: ErrorList, path: FieldPath, spec: PodSpec, isPod: boolean): void {
  if (!spec.hostNetwork) return;
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [j, { hostPort = 0, containerPort }] of (container.ports ?? []).entries()) {
      if ((!isPod && hostPort === 0) || hostPort === containerPort) continue;
      const at = path.child('containers').index(i).child('ports').index(j).child('hostPort');
      errors.invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true');
    }
  }
}

function resourceClaims(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const names = new Set<string>();
  for (const [i, claim] of (spec.resourceClaims ?? []).entries()) {
    const at = path.index(i);
    if (!claim.name) errors.required(at.child('name'));
    else if (names.has(claim.name)) errors.duplicate(at.child('name'), claim.name);
    else label(errors, at.child('name'), claim.name);
    names.add(claim.name);
    const { resourceClaimName: name, resourceClaimTemplateName: template } = claim;
    if (name !== undefined && template !== undefined) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.invalid(at, claim, text);
    }
    if (name === undefined && template === undefined) {
      errors.invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    }
    if (name !== undefined) subdomain(errors, at.child('resourceClaimName'), name);
    if (template !== undefined) subdomain(errors, at.child('resourceClaimTemplateName'), template);
  }
}

function schedulingGroup(errors: ErrorList, path: FieldPath, group: PodSpec['schedulingGroup']): void {
  if (!group) return;
  const { podGroupName: name } = group;
  if (name === undefined) errors.invalid(path, '', 'must specify one of: `podGroupName`');
  else subdomain(errors, path.child('podGroupName'), name);
}

function gates(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  for (const [i, gate] of (spec.readinessGates ?? []).entries()) {
    qualifiedName(errors, path.child('readinessGates').index(i).child('conditionType'), gate.conditionType);
  }
  const seen = new Set<string>();
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    const at = path.child('schedulingGates').index(i);
    qualifiedName(errors, at, name);
    if (seen.has(name)) errors.duplicate(at, name);
    seen.add(name);
  }
}

function naming(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  if (spec.serviceAccountName) subdomain(errors, path.child('serviceAccountName'), spec.serviceAccountName);
  if (spec.nodeName) subdomain(errors, path.child('nodeName'), spec.nodeName);
  const deadline = spec.activeDeadlineSeconds;
  const at = path.child('activeDeadlineSeconds');
  if (deadline !== undefined) named(errors, at, deadline, (value) => rangeErrors(value, 1, maxInt32));
  if (spec.hostname) label(errors, path.child('hostname'), spec.hostname);
  if (spec.subdomain) label(errors, path.child('subdomain'), spec.subdomain);
}

function hostAliases(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    address(errors, path.index(i).child('ip'), alias.ip);
    for (const [j, name] of (alias.hostnames ?? []).entries()) {
      subdomain(errors, path.index(i).child('hostnames').index(j), name);
    }
  }
}

/** `podName` is known for pods only; `isPod` is false for templates. */
export function podSpec(
  errors: ErrorList,
  path: FieldPath,
  spec: PodSpec,
  podName: string | undefined,
  isPod: boolean,
): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.required(path.child('terminationGracePeriodSeconds'));
  const context: PodContext = {
    spec,
    volumes: volumes(errors, path.child('volumes'), spec.volumes, { podName, isPod }),
    claimNames: [...new Set((spec.resourceClaims ?? []).map((claim) => claim.name).filter(Boolean))],
    hostUsers: spec.hostUsers !== false,
  };
  resourceClaims(errors, path.child('resourceClaims'), spec);
  schedulingGroup(errors, path.child('schedulingGroup'), spec.schedulingGroup);
  appContainers(errors, path.child('containers'), context);
  initContainers(errors, path.child('initContainers'), context);
  ephemeralContainers(errors, path.child('ephemeralContainers'), context);
  if (spec.resources) podLevelResources(errors, path.child('resources'), spec, spec.resources);
  hostNetwork(errors, path, spec, isPod);
  oneOf(errors, path.child('restartPolicy'), spec.restartPolicy, restartPolicies, 'given');
  oneOf(errors, path.child('dnsPolicy'), spec.dnsPolicy, dnsPolicies, 'given');
  labels(errors, path.child('nodeSelector'), spec.nodeSelector);
  podSecurityContext(errors, path.child('securityContext'), spec);
  affinity(errors, path.child('affinity'), spec.affinity);
  dns(errors, path.child('dnsConfig'), spec.dnsConfig, spec.dnsPolicy);
  gates(errors, path, spec);
  topologySpread(errors, path.child('topologySpreadConstraints'), spec.topologySpreadConstraints);
  hostProcesses(errors, path, spec);
  hostUsers(errors, path, spec);
  if (spec.hostnameOverride !== undefined) hostnameOverride(errors, path, spec, spec.hostnameOverride);
  naming(errors, path, spec);
  tolerations(errors, path.child('tolerations'), spec.tolerations);
  hostAliases(errors, path.child('hostAliases'), spec);
  if (spec.priorityClassName) subdomain(errors, path.child('priorityClassName'), spec.priorityClassName);
  if (spec.runtimeClassName !== undefined) subdomain(errors, path.child('runtimeClassName'), spec.runtimeClassName);
  const preemption = path.child('preemptionPolicy');
  optionalOneOf(errors, preemption, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'given');
  if (spec.overhead) resources(errors, path.child('overhead'), { limits: spec.overhead }, [], containerResourceName);
  operatingSystem(errors, path, spec);
  filesOfVariables(errors, path, spec);
}

/** Variables that come out of files: the volume is there, and is the pod's own. Source: validateFileKeyRefVolumes. */
function filesOfVariables(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const known = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const { container, path: at } of everyContainer(spec, path)) {
    for (const [i, variable] of (container.env ?? []).entries()) {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const place = at.child('env').index(i).child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = known.get(name);
      if (!volume) errors.notFound(place, name);
      else if (!volume.emptyDir) errors.invalid(place, name, 'referenced volume must be of type emptyDir');
    }
  }
}

const maxHostname = 64;

function hostnameOverride(errors: ErrorList, path: FieldPath, spec: PodSpec, name: string): void {
  const at = path.child('hostnameOverride');
  if (spec.setHostnameAsFQDN) errors.forbidden(at, 'may not be specified when setHostnameAsFQDN is true');
  if (spec.hostNetwork) errors.forbidden(at, 'may not be specified when hostNetwork is true');
  if (name.length > maxHostname) errors.tooLong(at, maxHostname);
  subdomain(errors, at, name);
}

/** The template of any workload. Source: ValidatePodTemplateSpec. */
export function podTemplate(errors: ErrorList, path: FieldPath, template: PodTemplateSpec | undefined): void {
  labels(errors, path.child('labels'), template?.metadata?.labels);
  annotations(errors, path.child('annotations'), template?.metadata?.annotations);
  const spec = template?.spec ?? { containers: [] };
  podAnnotations(errors, path.child('annotations'), template?.metadata?.annotations, spec);
  podSpec(errors, path.child('spec'), spec, undefined, false);
  matchingProfiles(errors, path.child('spec'), template?.metadata?.annotations, spec);
  if (spec.ephemeralContainers?.length) {
    errors.forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template');
  }
}
