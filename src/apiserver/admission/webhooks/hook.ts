import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../api/types/admissionregistration-v1.gen.ts';
import { Expressions } from '../../../resources/admissionregistration/expressions.ts';
import type { Expression } from '../expressions/expression.ts';
import { compileConditions } from '../expressions/match-conditions.ts';
import { Matcher } from '../matching/matcher.ts';

export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;
export type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** One webhook of a configuration, prepared to be asked of every write. */
export class Hook {
  /** Unique among the webhooks of its type, whose names need not be. */
  readonly uid: string;
  readonly webhook: Webhook;
  readonly matcher: Matcher;
  #conditions: readonly Expression[] | undefined;

  constructor(uid: string, webhook: Webhook) {
    this.uid = uid;
    this.webhook = webhook;
    this.matcher = new Matcher({ ...webhook, rules: webhook.rules ?? [] });
  }

  get name(): string {
    return this.webhook.name;
  }

  /** Whether a failure to ask lets the write through. */
  get failsOpen(): boolean {
    return this.webhook.failurePolicy === 'Ignore';
  }

  get hasConditions(): boolean {
    return (this.webhook.matchConditions?.length ?? 0) > 0;
  }

  /** Compiled when they are first asked for. CEL must have been loaded. */
  get conditions(): readonly Expression[] {
    const { matchConditions = [] } = this.webhook;
    return (this.#conditions ??= compileConditions(new Expressions({ params: false }), matchConditions));
  }
}

/** The webhooks of a configuration, in its order. Source: apiserver `admission/configuration`. */
export function hooksOf({ metadata, webhooks = [] }: Configuration): readonly Hook[] {
  const seen = new Map<string, number>();
  return webhooks.map((webhook) => {
    const before = seen.get(webhook.name) ?? 0;
    seen.set(webhook.name, before + 1);
    return new Hook(`${metadata.name}/${webhook.name}/${before}`, webhook);
  });
}
