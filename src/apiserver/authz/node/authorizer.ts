import type { UserInfo } from '../../../client/call.ts';
import type { Store } from '../../../store/store.ts';
import type { Attributes, Authorizer, PolicyRule } from '../authorizer.ts';
import { nodeOf } from './identity.ts';
import { type Opinion, opinionOf } from './rules.ts';

/**
 * Lets nodes have what they and their pods need, and asks another authorizer of everything else.
 * Source: plugin/pkg/auth/authorizer/node, and apiserver's union of authorizers.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #store: Store;
  readonly #next: Authorizer;

  constructor(store: Store, next: Authorizer) {
    this.#store = store;
    this.#next = next;
  }

  allowed(user: UserInfo, asked: Attributes): boolean {
    return this.#opinion(user, asked) === true || this.#next.allowed(user, asked);
  }

  reason(user: UserInfo, asked: Attributes): string {
    const opinion = this.#opinion(user, asked);
    if (opinion === true) return '';
    const other = this.#next.reason(user, asked);
    if (opinion === '' || this.#next.allowed(user, asked)) return other;
    return other === '' ? opinion : `${opinion}\n${other}`;
  }

  /** What nodes may have cannot be listed. */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return this.#next.rulesFor(user, namespace);
  }

  #opinion(user: UserInfo, asked: Attributes): Opinion {
    const node = nodeOf(user);
    if (node === undefined) return '';
    return node === '' ? `unknown node for user ${JSON.stringify(user.name)}` : opinionOf(node, asked, this.#store);
  }
}
