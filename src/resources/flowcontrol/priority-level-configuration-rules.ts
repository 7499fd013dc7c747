import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../api/types/flowcontrol-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { mandatoryLevels } from './bootstrap.ts';
import { flowConditions } from './flow-conditions.ts';

/** Rules of PriorityLevelConfigurations. Source: flowcontrol/validation and flowcontrol/v1 defaults. */

const defaultShares = 30;
const defaultQueuing = { queues: 64, handSize: 8, queueLengthLimit: 50 };
const maxQueues = 10_000_000;
/** Bits of the hash that shuffle sharding may use up. Source: apiserver shufflesharding, MaxHashBits. */
const maxHashBits = 60;

export function priorityLevelDefaults(object: Mutable<PriorityLevelConfiguration>): void {
  const { limited, exempt } = (object.spec ??= { type: '' });
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (limited) {
    limited.nominalConcurrencyShares ??= defaultShares;
    limited.lendablePercent ??= 0;
  }
  const queuing = limited?.limitResponse?.queuing;
  if (!queuing) return;
  for (const field of ['queues', 'handSize', 'queueLengthLimit'] as const) queuing[field] ||= defaultQueuing[field];
}

function queues(errors: ErrorList, path: FieldPath, value: QueuingConfiguration): void {
  const { queues: deck = 0, handSize: hand = 0, queueLengthLimit: limit = 0 } = value;
  if (limit <= 0) errors.invalid(path.child('queueLengthLimit'), limit, 'must be positive');
  const at = path.child('queues');
  if (deck <= 0) errors.invalid(at, deck, 'must be positive');
  else if (deck > maxQueues) errors.invalid(at, deck, `must not be greater than ${maxQueues}`);
  const size = path.child('handSize');
  if (hand <= 0) errors.invalid(size, hand, 'must be positive');
  else if (hand > deck) errors.invalid(size, hand, `should not be greater than queues (${deck})`);
  else if (Math.ceil(Math.log2(deck) * hand) > maxHashBits) {
    const text = `required entropy bits of deckSize ${deck} and handSize ${hand} should not be greater than ${maxHashBits}`;
    errors.invalid(size, hand, text);
  }
}

function response(errors: ErrorList, path: FieldPath, { type = '', queuing }: Partial<LimitResponse>): void {
  const at = path.child('queuing');
  if (type === 'Reject') {
    if (queuing) errors.forbidden(at, 'must be nil if limited.limitResponse.type is not Limited');
  } else if (type === 'Queue') {
    if (queuing) queues(errors, at, queuing);
    else errors.required(at, 'must not be empty if limited.limitResponse.type is Limited');
  } else errors.notSupported(path.child('type'), type, ['Queue', 'Reject']);
}

type Shares = Pick<ExemptPriorityLevelConfiguration, 'nominalConcurrencyShares' | 'lendablePercent'>;

function shares(errors: ErrorList, path: FieldPath, { nominalConcurrencyShares: count }: Shares): void {
  if ((count ?? 0) >= 0) return;
  errors.invalid(path.child('nominalConcurrencyShares'), count, 'must be a non-negative integer');
}

function lendable(errors: ErrorList, path: FieldPath, { lendablePercent: percent }: Shares): void {
  if (percent === undefined || (percent >= 0 && percent <= 100)) return;
  errors.invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive');
}

function limits(errors: ErrorList, path: FieldPath, value: LimitedPriorityLevelConfiguration): void {
  shares(errors, path, value);
  response(errors, path.child('limitResponse'), value.limitResponse ?? {});
  lendable(errors, path, value);
  const borrowing = value.borrowingLimitPercent;
  if (borrowing === undefined || borrowing >= 0) return;
  errors.invalid(path.child('borrowingLimitPercent'), borrowing, 'if specified, must be a non-negative integer');
}

function byType(errors: ErrorList, { type, limited, exempt }: PriorityLevelConfigurationSpec): void {
  const [limitedAt, exemptAt] = [specPath.child('limited'), specPath.child('exempt')];
  if (type === 'Exempt') {
    if (limited) errors.forbidden(limitedAt, 'must be nil if the type is not Limited');
    if (!exempt) return;
    shares(errors, exemptAt, exempt);
    lendable(errors, exemptAt, exempt);
  } else if (type === 'Limited') {
    if (exempt) errors.forbidden(exemptAt, 'must be nil if the type is Limited');
    if (limited) limits(errors, limitedAt, limited);
    else errors.required(limitedAt, 'must not be empty when type is Limited');
  } else errors.notSupported(specPath.child('type'), type, ['Exempt', 'Limited']);
}

/** What of a mandatory level is fixed: all but the shares of the exempt one. */
function fixed(errors: ErrorList, name: string, spec: PriorityLevelConfigurationSpec): void {
  const wanted = Object.hasOwn(mandatoryLevels, name) ? mandatoryLevels[name] : undefined;
  if (!wanted) return;
  const { exempt: _, ...rest } = spec;
  const { exempt: __, ...restWanted } = wanted;
  if (name === 'exempt' ? sameValue(rest, restWanted) : sameValue(spec, wanted)) return;
  const what = name === 'exempt' ? " except the 'spec.exempt' field" : '';
  errors.invalid(specPath, spec, `spec of '${name}'${what} must equal the fixed value`);
}

export function validatePriorityLevel(object: PriorityLevelConfiguration, errors: ErrorList): void {
  const name = object.metadata.name ?? '';
  const spec = object.spec ?? { type: '' };
  if ((name === 'exempt') !== (spec.type === 'Exempt')) {
    errors.invalid(specPath.child('type'), spec.type, "type must be 'Exempt' if and only if name is 'exempt'");
  }
  byType(errors, spec);
  fixed(errors, name, spec);
  flowConditions(errors, object.status?.conditions);
}

export const priorityLevelStatus: UpdateRules<PriorityLevelConfiguration> = {
  prepareUpdate: keepSpecAndMetadata,
  validateUpdate: ({ status }, _old, errors) => flowConditions(errors, status?.conditions),
};
