import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { headerNameErrors } from '../../api/names.ts';
import type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  Probe,
  SleepAction,
  TCPSocketAction,
} from '../../api/types/core-v1.gen.ts';
import { named, nonNegative, optionalOneOf, port, portOrName, present } from './check.ts';
import { linuxSignals, windowsSignals } from './signals.ts';

/** Probes and lifecycle hooks: both name exactly one handler. */

interface Handler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly sleep?: SleepAction;
}

type Check<T> = (errors: ErrorList, path: FieldPath, action: T, grace: number | undefined) => void;

const httpGet: Check<HTTPGetAction> = (errors, path, action) => {
  present(errors, path.child('path'), action.path);
  portOrName(errors, path.child('port'), action.port);
  if (action.scheme !== 'HTTP' && action.scheme !== 'HTTPS') {
    errors.notSupported(path.child('scheme'), action.scheme ?? '', ['HTTP', 'HTTPS']);
  }
  for (const header of action.httpHeaders ?? [])
    named(errors, path.child('httpHeaders'), header.name, headerNameErrors);
};

const sleep: Check<SleepAction> = (errors, path, { seconds }, grace) => {
  if (grace === undefined) return;
  const [length, most] = [comparable(seconds), comparable(grace)];
  if (length >= 0 && length <= most) return;
  errors.invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${most})`);
};

/** In the order upstream looks at them: the first one counts, the others are one too many. */
const handlers: { readonly [K in keyof Required<Handler>]: Check<NonNullable<Handler[K]>> } = {
  exec: (errors, path, action) => {
    if (!action.command?.length) errors.required(path.child('command'));
  },
  httpGet,
  tcpSocket: (errors, path, action) => portOrName(errors, path.child('port'), action.port),
  grpc: (errors, path, action) => port(errors, path.child('port'), action.port),
  sleep,
};
const handlerNames = Object.keys(handlers) as (keyof Handler)[];

function handler(errors: ErrorList, path: FieldPath, value: Handler, grace: number | undefined): void {
  let found = false;
  for (const name of handlerNames) {
    const action = value[name];
    if (action === undefined) continue;
    if (found) errors.forbidden(path.child(name), 'may not specify more than 1 handler type');
    else (handlers[name] as Check<typeof action>)(errors, path.child(name), action, grace);
    found = true;
  }
  if (!found) errors.required(path, 'must specify a handler type');
}

function probe(errors: ErrorList, path: FieldPath, value: Probe, grace: number | undefined): void {
  handler(errors, path, value, grace);
  nonNegative(errors, path.child('initialDelaySeconds'), value.initialDelaySeconds);
  nonNegative(errors, path.child('timeoutSeconds'), value.timeoutSeconds);
  nonNegative(errors, path.child('periodSeconds'), value.periodSeconds);
  nonNegative(errors, path.child('successThreshold'), value.successThreshold);
  nonNegative(errors, path.child('failureThreshold'), value.failureThreshold);
  const own = value.terminationGracePeriodSeconds;
  if (own !== undefined && comparable(own) <= 0) {
    errors.invalid(path.child('terminationGracePeriodSeconds'), own, 'must be greater than 0');
  }
}

/** Liveness and startup probes succeed at the first success. */
function onceProbe(errors: ErrorList, path: FieldPath, value: Probe | undefined, grace: number | undefined): void {
  if (!value) return;
  probe(errors, path, value, grace);
  if (value.successThreshold !== 1) {
    errors.invalid(path.child('successThreshold'), value.successThreshold ?? 0, 'must be 1');
  }
}

function readinessProbe(errors: ErrorList, path: FieldPath, value: Probe | undefined, grace: number | undefined): void {
  if (!value) return;
  probe(errors, path, value, grace);
  if (value.terminationGracePeriodSeconds !== undefined) {
    const at = path.child('terminationGracePeriodSeconds');
    errors.invalid(at, value.terminationGracePeriodSeconds, 'must not be set for readinessProbes');
  }
}

interface Probed {
  readonly lifecycle?: Lifecycle;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
}

/** The signal that stops a container is one that the pod's system knows, so the system must be named. */
function stopSignal(errors: ErrorList, path: FieldPath, signal: string, os: string | undefined): void {
  if (os === undefined) errors.forbidden(path, 'may not be set for containers with empty `spec.os.name`');
  else if (os === 'windows') optionalOneOf(errors, path, signal, windowsSignals);
  else if (os === 'linux') optionalOneOf(errors, path, signal, linuxSignals);
}

/** Hooks and probes of a container that may have them; `os` is the pod's `spec.os.name`. */
export function probes(
  errors: ErrorList,
  path: FieldPath,
  container: Probed,
  grace: number | undefined,
  os: string | undefined,
): void {
  const { postStart, preStop, stopSignal: signal } = container.lifecycle ?? {};
  if (postStart) handler(errors, path.child('lifecycle', 'postStart'), postStart, grace);
  if (preStop) handler(errors, path.child('lifecycle', 'preStop'), preStop, grace);
  if (signal !== undefined) stopSignal(errors, path.child('lifecycle', 'stopSignal'), signal, os);
  onceProbe(errors, path.child('livenessProbe'), container.livenessProbe, grace);
  readinessProbe(errors, path.child('readinessProbe'), container.readinessProbe, grace);
  onceProbe(errors, path.child('startupProbe'), container.startupProbe, grace);
}

const probeFields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Init containers that end have nothing to probe. */
export function noProbes(errors: ErrorList, path: FieldPath, container: Probed): void {
  for (const name of probeFields) {
    if (container[name] === undefined) continue;
    errors.forbidden(path.child(name), 'may not be set for init containers without restartPolicy=Always');
  }
}
