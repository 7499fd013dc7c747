import { StartError } from '../../node/runtime.ts';
import type { ConfigObject, Container, EnvVar, Pod, Service } from '../types.ts';
import { expand } from './expansion.ts';
import { type FieldContext, fieldValue, resourceValue } from './fields.ts';

interface KeyRef {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** Reads a ConfigMap or Secret of the pod's namespace; undefined when there is none. */
export type ReadConfig = (kind: 'configmap' | 'secret', name: string) => Promise<ConfigObject | undefined>;

export interface EnvContext extends FieldContext {
  readonly read: ReadConfig;
  /** The services of the pod's namespace, and the one named kubernetes in default. */
  readonly services: () => readonly Service[];
}

const configError = (message: string) => new StartError('CreateContainerConfigError', message);

/** A container's environment in the order upstream builds it. Throws CreateContainerConfigError with kubelet's texts. */
export async function environment(
  pod: Pod,
  container: Container,
  context: EnvContext,
): Promise<{ name: string; value: string }[]> {
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const ref = source.configMapRef ?? source.secretRef;
    if (!ref) continue;
    const kind = source.configMapRef ? 'configmap' : 'secret';
    const object = await readFor(kind, ref, context);
    if (!object) continue;
    for (const [key, value] of values(kind, object)) result.set(`${source.prefix ?? ''}${key}`, value);
  }
  const services = serviceVariables(pod, context.services());
  const lookup = (name: string) => result.get(name) ?? services.get(name);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await referenced(pod, container, variable, context)
      : expand(variable.value ?? '', lookup);
    if (value !== undefined) result.set(variable.name, value);
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  return [...result].map(([name, value]) => ({ name, value }));
}

async function referenced(
  pod: Pod,
  container: Container,
  variable: EnvVar,
  context: EnvContext,
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom!;
  try {
    if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, context);
    if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef, context);
  } catch (error) {
    throw configError((error as Error).message);
  }
  if (configMapKeyRef) return keyed(pod, 'configmap', configMapKeyRef, context);
  if (secretKeyRef) return keyed(pod, 'secret', secretKeyRef, context);
  throw configError(`environment variable ${variable.name}: this source is not supported by krill`);
}

async function keyed(
  pod: Pod,
  kind: 'configmap' | 'secret',
  ref: KeyRef,
  context: EnvContext,
): Promise<string | undefined> {
  const object = await readFor(kind, ref, context);
  if (!object) return undefined;
  const value = new Map(values(kind, object)).get(ref.key);
  if (value !== undefined || ref.optional) return value;
  const title = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  throw configError(`couldn't find key ${ref.key} in ${title} ${pod.metadata.namespace}/${ref.name ?? ''}`);
}

async function readFor(
  kind: 'configmap' | 'secret',
  ref: { readonly name?: string; readonly optional?: boolean },
  context: EnvContext,
): Promise<ConfigObject | undefined> {
  const name = ref.name ?? '';
  const object = await context.read(kind, name);
  if (!object && !ref.optional) throw configError(`${kind} "${name}" not found`);
  return object;
}

function values(kind: 'configmap' | 'secret', object: ConfigObject): [string, string][] {
  const entries = Object.entries(object.data ?? {});
  if (kind === 'configmap') return entries;
  return entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
}

/** The variables each Service of the namespace gives, upstream's and those of Docker links. */
export function serviceVariables(pod: Pod, services: readonly Service[]): Map<string, string> {
  const result = new Map<string, string>();
  const links = pod.spec.enableServiceLinks ?? true;
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const isApiServer = name === 'kubernetes' && namespace === 'default';
    if (!isApiServer && (!links || namespace !== pod.metadata.namespace)) continue;
    const ip = service.spec?.clusterIP;
    const ports = service.spec?.ports ?? [];
    if (!ip || ip === 'None' || !ports[0]) continue;
    const prefix = (name ?? '').toUpperCase().replaceAll('-', '_');
    const host = ip.includes(':') ? `[${ip}]` : ip;
    result.set(`${prefix}_SERVICE_HOST`, ip);
    result.set(`${prefix}_SERVICE_PORT`, String(ports[0].port));
    for (const port of ports) {
      if (port.name)
        result.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
    }
    for (const [i, port] of ports.entries()) {
      const protocol = (port.protocol ?? 'TCP').toLowerCase();
      const url = `${protocol}://${host}:${port.port}`;
      const link = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
      if (i === 0) result.set(`${prefix}_PORT`, url);
      result.set(link, url);
      result.set(`${link}_PROTO`, protocol);
      result.set(`${link}_PORT`, String(port.port));
      result.set(`${link}_ADDR`, ip);
    }
  }
  return result;
}
