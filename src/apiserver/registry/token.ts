import type { KeyObject } from 'node:crypto';
import type { KubeObject } from '../../api/object.ts';
import { badRequest, conflict, invalid, notFound } from '../../api/status.ts';
import type { TokenRequest, TokenRequestSpec } from '../../api/types/authentication-v1.gen.ts';
import type { Pod, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { type BoundObject, signToken, tokenClaims } from '../../pki/tokens.ts';
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

/** POST of serviceaccounts/NAME/token. Source: registry/core/serviceaccount/storage/token.go. */
export function tokenHandler(signer: TokenSigner): Handler {
  return async (registry, op) => {
    const entry = registry.store.get(keyOf(op));
    if (!entry) throw notFound(named(op), op.name);
    const account = entry.object as unknown as ServiceAccount;
    const request = op.object as unknown as TokenRequest;
    const spec = request?.spec ?? {};
    const seconds = spec.expirationSeconds ?? defaultSeconds;
    refuseBadLifetime(op, seconds);
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
      metadata: { name: op.name, namespace: op.namespace, creationTimestamp: timestamp(now) },
      spec: { ...spec, audiences, expirationSeconds: seconds },
      status: { token: await signToken(claims, signer.key), expirationTimestamp: timestamp(now + seconds * 1000) },
    };
    return { as: 'object', code: 201, object };
  };
}

function refuseBadLifetime(op: Operation, seconds: number): void {
  const why =
    seconds < minSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > maxSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (!why) return;
  const field = 'spec.expirationSeconds';
  const body = `Invalid value: ${seconds}: ${why}`;
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, op.name, [
    { type: 'FieldValueInvalid', field, body, text: `${field}: ${body}` },
  ]);
}

interface Bound {
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
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
  const kind = Object.hasOwn(boundKinds, ref.kind ?? '') ? boundKinds[ref.kind ?? ''] : undefined;
  if (!kind) throw badRequest(`cannot bind token to object of type ${ref.apiVersion ?? ''}, Kind=${ref.kind ?? ''}`);
  const name = ref.name ?? '';
  const namespace = kind.as === 'node' ? '' : op.namespace;
  const object = registry.store.get({ resource: kind.resource, namespace, name })?.object;
  if (!object) throw notFound({ group: '', resource: kind.resource }, name);
  const uid = object.metadata.uid ?? '';
  if (ref.uid && ref.uid !== uid)
    throw conflict(
      { group: '', resource: kind.resource },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const bound = { [kind.as]: { name, uid } };
  return kind.as === 'pod' ? { ...bound, ...nodeOf(registry, op, object as unknown as Pod) } : bound;
}

function nodeOf(registry: Registry, op: Operation, pod: Pod): Bound {
  if (pod.spec?.serviceAccountName !== op.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(op.name)} to pod running with different serviceaccount name.`,
    );
  const name = pod.spec.nodeName;
  const uid = name && registry.store.get({ resource: 'nodes', namespace: '', name })?.object.metadata.uid;
  return name && uid ? { node: { name, uid } } : {};
}
