import type { LabelSelectorLike } from '../../../api/selector.ts';
import { StatusError } from '../../../api/status.ts';
import type { Store } from '../../../store/store.ts';
import type { Served, ServedTable } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import { type Rule, ruledWrite, ruleMatches } from './rules.ts';
import { type ParsedSelector, parseSelector, selectsNamespace, selectsObject } from './selectors.ts';

/** Which writes something wants to see: a webhook, a policy, a binding. */
export interface Criteria {
  /** Policies may leave them out: then everything is matched that is not excluded. Webhooks have an empty list. */
  readonly rules: readonly Rule[] | undefined;
  readonly excluded?: readonly Rule[] | undefined;
  readonly matchPolicy?: 'Exact' | 'Equivalent' | undefined;
  readonly namespaceSelector?: LabelSelectorLike | undefined;
  readonly objectSelector?: LabelSelectorLike | undefined;
}

/** What writes are matched with. */
export interface MatchWorld {
  readonly store: Store;
  readonly served: ServedTable;
}

/** Criteria, prepared to be asked of every write. */
export class Matcher {
  readonly #criteria: Criteria;
  readonly #namespaces: ParsedSelector;
  readonly #objects: ParsedSelector;

  constructor(criteria: Criteria) {
    this.#criteria = criteria;
    this.#namespaces = parseSelector(criteria.namespaceSelector);
    this.#objects = parseSelector(criteria.objectSelector);
  }

  /**
   * The resource in the version in which a write is to be shown: the one that was asked for, or with matchPolicy Equivalent
   * the one that a rule names. Undefined for writes of no concern. Throws the Status of what could not be told of one that is.
   * Source: apiserver `admission/plugin/webhook/generic/webhook.go` and `plugin/policy/matching`.
   */
  match(request: AdmissionRequest, { store, served }: MatchWorld): Served | undefined {
    const inNamespace = selectsNamespace(this.#namespaces, request, store);
    if (inNamespace === false) return undefined;
    const selected = selectsObject(this.#objects, request);
    if (selected === false) return undefined;
    const { rules, excluded, matchPolicy } = this.#criteria;
    if (excluded?.length && namedBy(excluded, matchPolicy, request, served)) return undefined;
    const found = rules ? namedBy(rules, matchPolicy, request, served) : request.asked;
    if (!found) return undefined;
    // What went wrong is of interest only now that the write is.
    if (inNamespace instanceof StatusError) throw inNamespace;
    if (selected instanceof StatusError) throw selected;
    return found;
  }
}

/** The version in which rules name a write. Earlier rules go before later ones. */
function namedBy(
  rules: readonly Rule[],
  policy: Criteria['matchPolicy'],
  request: AdmissionRequest,
  table: ServedTable,
): Served | undefined {
  const { asked, subresource } = request;
  const write = ruledWrite(request);
  if (rules.some((rule) => ruleMatches(rule, write))) return asked;
  if (policy !== 'Equivalent') return undefined;
  const others = table
    .equivalents(asked)
    .filter((other) => other !== asked && (subresource === '' || other.subresources.has(subresource)));
  for (const rule of others.length > 0 ? rules : []) {
    const found = others.find((other) => ruleMatches(rule, ruledWrite(request, other)));
    if (found) return found;
  }
  return undefined;
}
