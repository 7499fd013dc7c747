import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { ServicePort, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import { label, oneOf, port, portOrName, protocols, qualifiedName } from '../rules/check.ts';

/** Ports of a Service. Source: validateServicePort and ValidateService. */

const spec = FieldPath.of('spec');
const kubeletPort = 10_250;

function portRules(errors: ErrorList, path: FieldPath, value: ServicePort, many: boolean, names: Set<string>): void {
  if (many && !value.name) errors.required(path.child('name'));
  else if (value.name) {
    label(errors, path.child('name'), value.name);
    if (names.has(value.name)) errors.duplicate(path.child('name'), value.name);
    names.add(value.name);
  }
  port(errors, path.child('port'), value.port);
  oneOf(errors, path.child('protocol'), value.protocol, protocols);
  portOrName(errors, path.child('targetPort'), value.targetPort ?? 0);
  if (value.appProtocol !== undefined) qualifiedName(errors, path.child('appProtocol'), value.appProtocol);
}

/** Some clouds open a balanced port on the nodes themselves. */
export function kubeletIsSafe(errors: ErrorList, value: ServiceSpec): void {
  const text = `may not expose port ${kubeletPort} externally since it is used by kubelet`;
  for (const [i, { port: number }] of (value.ports ?? []).entries()) {
    if (number === kubeletPort) errors.invalid(spec.child('ports').index(i), number, text);
  }
}

export function portList(errors: ErrorList, value: ServiceSpec): void {
  const ports = value.ports ?? [];
  const names = new Set<string>();
  for (const [i, p] of ports.entries()) portRules(errors, spec.child('ports').index(i), p, ports.length > 1, names);
}

/** Ports among themselves: neither node ports nor ports twice per protocol. */
export function portConflicts(errors: ErrorList, value: ServiceSpec): void {
  const ports = value.ports ?? [];
  const at = spec.child('ports');
  for (const [i, { nodePort }] of ports.entries()) {
    if (value.type !== 'ClusterIP' || !nodePort) continue;
    errors.forbidden(at.index(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'");
  }
  const nodePorts = new Set<string>();
  for (const [i, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.duplicate(at.index(i).child('nodePort'), nodePort);
    nodePorts.add(key);
  }
  const taken = new Set<string>();
  for (const [i, { protocol, port: number }] of ports.entries()) {
    const key = `${protocol}/${number}`;
    if (taken.has(key)) errors.duplicate(at.index(i), { port: number, protocol });
    taken.add(key);
  }
}
