import { serviceAccounts } from '../api/kinds.gen.ts';
import type { TokenRequest } from '../api/types/authentication-v1.gen.ts';
import type { Clock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import type { Pod } from './types.ts';

interface Kept {
  readonly token: string;
  readonly renewAt: number;
}

/** Longest time a token is used before it is renewed. Source: kubelet token manager. */
const maxUse = 24 * 3600_000;

/** The service account tokens of pods, bound to them, renewed after four fifths of their life. Lost with the process, and then asked for anew. */
export class Tokens {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A token of the pod's service account. Throws what the server refuses with. */
  async get(client: Client, pod: Pod, audience: string, expirationSeconds: number, signal: AbortSignal): Promise<Kept> {
    const uid = pod.metadata.uid ?? '';
    const key = `${audience}/${expirationSeconds}`;
    const known = this.#kept.get(uid)?.get(key);
    if (known && known.renewAt > this.#clock.wall()) return known;
    const asked = this.#clock.wall();
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid },
      },
    };
    const name = pod.spec.serviceAccountName || 'default';
    const account = { namespace: pod.metadata.namespace ?? '', name };
    const answer = (await client
      .resource(serviceAccounts)
      .createSubresource(account, 'token', request, { signal })) as TokenRequest;
    const expires = Date.parse(answer.status?.expirationTimestamp ?? '') || asked + expirationSeconds * 1000;
    const kept = {
      token: answer.status?.token ?? '',
      renewAt: asked + Math.min(maxUse, 0.8 * (expires - asked)),
    };
    const tokens = this.#kept.get(uid) ?? new Map<string, Kept>();
    this.#kept.set(uid, tokens.set(key, kept));
    return kept;
  }

  forget(podUid: string): void {
    this.#kept.delete(podUid);
  }
}
