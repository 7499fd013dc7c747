import type { KeyObject } from 'node:crypto';
import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { integerOf } from '../../api/json-number.ts';
import { type KubeObject, type ObjectMeta, parseApiVersion } from '../../api/object.ts';
import { badRequest, conflict, invalid, notFound } from '../../api/status.ts';
import type { TokenRequest, TokenRequestSpec } from '../../api/types/authentication-v1.gen.ts';
import type { Pod, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { type BoundNode, type BoundObject, signToken, tokenClaims } from '../../pki/tokens.ts';
import { admitCreate } from './admit.ts';
import type { Handler } from './execute.ts';
import { keyOf, named, type Operation, type Registry } from './operation.ts';

/** How service account tokens are signed. */
export interface TokenSigner {
  readonly key: KeyObject;
  readonly issuer: string;
  /** The audiences of a token that names none; also what the server itself accepts. */
  readonly audiences: readonly string[];
}

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;
/** The kubelet's default for the automatic volume; such tokens are made to last, for clients that never reload. */
const projectedSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** POST of serviceaccounts/NAME/token. Source: registry/core/serviceaccount/storage/token.go. */
export function tokenHandler(signer: TokenSigner): Handler {
  return async (registry, op) => {
    const request = op.object as unknown as TokenRequest | undefined;
    refuseForeign(op, request?.metadata);
    const entry = registry.store.get(keyOf(op));
    if (!entry) throw notFound(named(op), op.name);
    const account = entry.object as unknown as ServiceAccount;
    const admitting = admitCreate(registry, op, () => refuseBadLifetime(request?.spec?.expirationSeconds));
    if (admitting) await admitting;
    const spec = request?.spec ?? {};
    const seconds = spec.expirationSeconds ?? defaultSeconds;
    const audiences = spec.audiences?.length ? spec.audiences : signer.audiences;
    const bound = boundTo(registry, op, spec);
    const extended =
      seconds === projectedSeconds && bound.pod !== undefined && audiences.every((a) => signer.audiences.includes(a));
    const now = registry.clock.wall();
    const claims = tokenClaims({
      issuer: signer.issuer,
      audiences,
      now,
      expirationSeconds: extended ? extendedSeconds : seconds,
      ...(extended && { warnAfterSeconds: seconds }),
      id: registry.ids.uid(),
      namespace: op.namespace,
      serviceAccount: { name: op.name, uid: account.metadata?.uid ?? '' },
      ...bound,
    });
    const object: KubeObject = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { ...request?.metadata, name: op.name, namespace: op.namespace, creationTimestamp: timestamp(now) },
      spec: { ...spec, audiences, expirationSeconds: seconds },
      status: { token: await signToken(claims, signer.key), expirationTimestamp: timestamp(now + seconds * 1000) },
    };
    return { as: 'object', code: 201, object };
  };
}

/** The body may name its account again, but no other one. */
function refuseForeign(op: Operation, metadata: ObjectMeta | undefined): void {
  const errors = new ErrorList();
  for (const field of ['name', 'namespace'] as const) {
    const value = metadata?.[field];
    if (!value || value === op[field]) continue;
    const text = `must match the service account ${field} if specified`;
    errors.invalid(FieldPath.of('metadata', field), value, text);
    throw invalid(kind, op.name, errors.errors);
  }
}

function refuseBadLifetime(seconds: number | undefined): void {
  const exact = integerOf(seconds ?? defaultSeconds) ?? 0n;
  const why =
    exact < minSeconds
      ? 'may not specify a duration less than 10 minutes'
      : exact > maxSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (!why) return;
  const errors = new ErrorList();
  errors.invalid(FieldPath.of('spec', 'expirationSeconds'), seconds, why);
  throw invalid(kind, '', errors.errors);
}

interface Bound {
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundNode;
}

const boundKinds: Readonly<Record<string, { readonly resource: string; readonly as: keyof Bound }>> = {
  Pod: { resource: 'pods', as: 'pod' },
  Secret: { resource: 'secrets', as: 'secret' },
  Node: { resource: 'nodes', as: 'node' },
};

/** What the token dies with. A pod's token also names the pod's node. */
function boundTo(registry: Registry, op: Operation, spec: TokenRequestSpec): Bound {
  const ref = spec.boundObjectRef;
  if (!ref) return {};
  const { apiVersion = '', kind: refKind = '', name = '' } = ref;
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  const bindable = group === '' && Object.hasOwn(boundKinds, refKind) ? boundKinds[refKind] : undefined;
  if (!bindable) throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${refKind}`);
  const namespace = bindable.as === 'node' ? '' : op.namespace;
  const object = registry.store.get({ resource: bindable.resource, namespace, name })?.object;
  if (!object) throw notFound({ group: '', resource: bindable.resource }, name);
  const node = bindable.as === 'pod' ? nodeOf(registry, op, object as unknown as Pod) : {};
  const uid = object.metadata.uid ?? '';
  if (ref.uid && ref.uid !== uid)
    throw conflict(
      { group, resource: refKind },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return { [bindable.as]: { name, uid }, ...node };
}

/** A node that is gone is still named: whoever reads the token may want to know. */
function nodeOf(registry: Registry, op: Operation, pod: Pod): Bound {
  if (pod.spec?.serviceAccountName !== op.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(op.name)} to pod running with different serviceaccount name.`,
    );
  const name = pod.spec.nodeName;
  if (!name) return {};
  const uid = registry.store.get({ resource: 'nodes', namespace: '', name })?.object.metadata.uid;
  return { node: { name, ...(uid && { uid }) } };
}
