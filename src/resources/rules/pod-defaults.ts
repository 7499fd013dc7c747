import type { Mutable } from '../../api/object.ts';
import { parseQuantity, quantityOf } from '../../api/quantity.ts';
import type {
  Container,
  DownwardAPIProjection,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Volume,
} from '../../api/types/core-v1.gen.ts';
import { claimSpecDefaults } from './claim-defaults.ts';
import { containerRequests } from './pod-resources.ts';
import { isOvercommitAllowed } from './quantities.ts';

/** Defaults of pod specs, in pods and templates. Source: pkg/apis/core/v1/defaults.go. */

type Amounts = Record<string, string>;

/** The tag of an image reference; none means "latest", a digest means no tag. */
export function imageTag(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const colon = name.lastIndexOf(':');
  if (colon > name.lastIndexOf('/')) return name.slice(colon + 1);
  return digest === undefined ? 'latest' : '';
}

const pullPolicy = (image: string): 'Always' | 'IfNotPresent' =>
  imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';

function probe(value: Mutable<Probe> | undefined): void {
  if (!value) return;
  value.timeoutSeconds ||= 1;
  value.periodSeconds ||= 10;
  value.successThreshold ||= 1;
  value.failureThreshold ||= 3;
  if (value.httpGet) httpGet(value.httpGet);
  if (value.grpc) value.grpc.service ??= '';
}

function httpGet(action: { path?: string; scheme?: string }): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

const milli = 1_000_000n;

/** Amounts finer than a thousandth are rounded up, as upstream has always done. */
export function roundUp(amounts: Amounts | undefined): void {
  for (const name in amounts) {
    const quantity = parseQuantity(amounts[name]!);
    const rest = quantity.nano % milli;
    if (rest !== 0n) {
      const nano = quantity.nano - rest + (quantity.nano > 0n ? milli : 0n);
      amounts[name] = quantityOf(nano, quantity.format).text;
    }
  }
}

function container(value: Mutable<Container>): void {
  value.imagePullPolicy ||= pullPolicy(value.image ?? '');
  value.terminationMessagePath ||= '/dev/termination-log';
  value.terminationMessagePolicy ||= 'File';
  value.resources ??= {};
  roundUp(value.resources.limits as Amounts | undefined);
  roundUp(value.resources.requests as Amounts | undefined);
  if (value.ports) for (const port of value.ports) port.protocol ||= 'TCP';
  if (value.env) {
    for (const variable of value.env) {
      const from = variable.valueFrom;
      if (from?.fieldRef) from.fieldRef.apiVersion ||= 'v1';
      if (from?.resourceFieldRef) from.resourceFieldRef.divisor ??= '0';
      if (from?.fileKeyRef) from.fileKeyRef.optional ??= false;
    }
  }
  probe(value.livenessProbe);
  probe(value.readinessProbe);
  probe(value.startupProbe);
  if (value.lifecycle?.postStart?.httpGet) httpGet(value.lifecycle.postStart.httpGet);
  if (value.lifecycle?.preStop?.httpGet) httpGet(value.lifecycle.preStop.httpGet);
  if (value.securityContext?.procMount === undefined) return;
  value.securityContext.procMount ||= 'Default';
}

const fileMode = 0o644;
const tokenSeconds = 3600;

function downwardItems(source: Mutable<DownwardAPIProjection> | undefined): void {
  for (const item of source?.items ?? []) {
    if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
    if (item.resourceFieldRef) item.resourceFieldRef.divisor ??= '0';
  }
}

function volume(value: Mutable<Volume>): void {
  if (Object.keys(value).every((key) => key === 'name')) value.emptyDir = {};
  if (value.secret) value.secret.defaultMode ??= fileMode;
  if (value.configMap) value.configMap.defaultMode ??= fileMode;
  if (value.downwardAPI) {
    value.downwardAPI.defaultMode ??= fileMode;
    downwardItems(value.downwardAPI);
  }
  if (value.projected) {
    value.projected.defaultMode ??= fileMode;
    for (const source of value.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= tokenSeconds;
      downwardItems(source.downwardAPI);
    }
  }
  if (value.hostPath) value.hostPath.type ??= '';
  if (value.image) value.image.pullPolicy ||= pullPolicy(value.image.reference ?? '');
  if (value.ephemeral?.volumeClaimTemplate) claimSpecDefaults(value.ephemeral.volumeClaimTemplate.spec);
  foreignVolume(value);
}

/** Defaults of the storage systems of old. */
function foreignVolume(value: Mutable<Volume>): void {
  if (value.iscsi) value.iscsi.iscsiInterface ||= 'default';
  if (value.rbd) {
    value.rbd.pool ||= 'rbd';
    value.rbd.user ||= 'admin';
    value.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (value.azureDisk) {
    value.azureDisk.cachingMode ??= 'ReadWrite';
    value.azureDisk.fsType ??= 'ext4';
    value.azureDisk.readOnly ??= false;
    value.azureDisk.kind ??= 'Shared';
  }
  if (value.scaleIO) {
    value.scaleIO.storageMode ||= 'ThinProvisioned';
    value.scaleIO.fsType ||= 'xfs';
  }
}

/** What pods and templates share. */
export function podSpecDefaults(spec: Mutable<PodSpec>): void {
  if (spec.volumes) for (const v of spec.volumes) volume(v);
  if (spec.initContainers) for (const c of spec.initContainers) container(c);
  if (spec.containers) for (const c of spec.containers) container(c);
  if (spec.ephemeralContainers) for (const c of spec.ephemeralContainers) container(c as Mutable<Container>);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  // The old name of the field stays readable: both always say the same.
  if (spec.serviceAccountName === undefined && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  roundUp(spec.overhead as Amounts | undefined);
}

/** On the host's network every container port is a port of the node. */
function hostPorts(spec: Mutable<PodSpec>): void {
  for (const list of [spec.containers, spec.initContainers]) {
    for (const { ports } of list ?? []) {
      for (const port of ports ?? []) if (port.containerPort) port.hostPort ||= port.containerPort;
    }
  }
}

function requestsFromLimits(containers: Mutable<Container>[] | undefined): void {
  for (const { resources } of containers ?? []) {
    const limits = resources?.limits as Amounts | undefined;
    if (!resources || !limits) continue;
    const requests = ((resources.requests as Amounts | undefined) ??= {});
    for (const name in limits) if (!Object.hasOwn(requests, name)) requests[name] = limits[name]!;
    resources.requests = requests;
  }
}

/** Requests of the pod as a whole come from its containers, else from its limits. */
function podRequests(spec: Mutable<PodSpec>): void {
  const limits = spec.resources?.limits as Amounts | undefined;
  if (!spec.resources || !limits || Object.keys(limits).length === 0) return;
  const requests = { ...(spec.resources.requests as Amounts | undefined) };
  const needed = containerRequests(spec as PodSpec);
  for (const name of ['cpu', 'memory']) {
    if (requests[name] === undefined && needed[name] !== undefined && isOvercommitAllowed(name)) {
      requests[name] = needed[name];
    }
  }
  for (const name in limits) if (!Object.hasOwn(requests, name)) requests[name] = limits[name]!;
  spec.resources.requests = requests;
}

/** What pods get beyond templates. */
export function podDefaults(spec: Mutable<PodSpec>): void {
  podSpecDefaults(spec);
  requestsFromLimits(spec.containers);
  requestsFromLimits(spec.initContainers);
  podRequests(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) hostPorts(spec);
}

/** A template is a part of its owner, so it is there even when the user left it out. */
export function podTemplateDefaults(owner: { template?: Mutable<PodTemplateSpec> }): void {
  const template = (owner.template ??= {});
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  podSpecDefaults(template.spec);
}
