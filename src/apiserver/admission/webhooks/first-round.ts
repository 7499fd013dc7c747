import { type KubeObject, type Mutable, thaw } from '../../../api/object.ts';
import { sameTree } from '../../registry/equality.ts';
import type { Reinvocation } from '../admission.ts';
import type { Hook } from './hook.ts';

/**
 * Which webhooks are to be asked again about a write, as something has changed since they were. Source: apiserver
 * `admission/plugin/webhook/mutating/reinvocationcontext.go`.
 */
export class FirstRound {
  /** Those that were asked since the last change, and would be asked again. */
  #asked = new Set<string>();
  readonly #again = new Set<string>();
  /** The object as the webhooks left it. */
  #left: Mutable<KubeObject> | undefined;

  /** What is known of the rounds of a write. */
  static of({ notes }: Reinvocation, plugin: string): FirstRound {
    let known = notes.get(plugin) as FirstRound | undefined;
    if (!known) notes.set(plugin, (known = new FirstRound()));
    return known;
  }

  /** The second round begins. Whatever other plugins have changed since counts. */
  beginAgain(object: Mutable<KubeObject> | undefined): void {
    if (!sameTree(this.#left, object)) this.changed();
  }

  /** The object is another: whoever was asked before wants to know. */
  changed(): void {
    for (const uid of this.#asked) this.#again.add(uid);
    this.#asked = new Set();
  }

  /** A webhook has been asked. What it changed itself is no news to it. */
  asked({ uid, webhook }: Hook): void {
    if (webhook.reinvocationPolicy === 'IfNeeded') this.#asked.add(uid);
  }

  wantsAgain({ uid }: Hook): boolean {
    return this.#again.has(uid);
  }

  end(object: Mutable<KubeObject> | undefined): void {
    this.#left = this.#asked.size > 0 ? thaw(object as never) : undefined;
  }
}
