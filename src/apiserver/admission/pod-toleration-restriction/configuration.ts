import { ErrorList, FieldPath } from '../../../api/field-errors.ts';
import type { Toleration } from '../../../api/types/core-v1.gen.ts';
import { tolerations } from '../../../resources/rules/scheduling.ts';
import { ConfigurationError, listOf, typedObjectOf } from '../configuration/fields.ts';
import { tolerationList } from './toleration-list.ts';

/** Tolerations for namespaces that say nothing of their own. */
export interface ClusterTolerations {
  /** What pods get. */
  readonly default: readonly Toleration[];
  /** What pods may have at most; anything where it is empty. */
  readonly whitelist: readonly Toleration[];
}

/** Where nobody configures anything. */
export const noTolerations: ClusterTolerations = { default: [], whitelist: [] };

const root = FieldPath.of('podtolerationrestriction');

/** Reads a Configuration of podtolerationrestriction.admission.k8s.io. Throws ConfigurationError. */
export function clusterTolerationsOf(value: unknown): ClusterTolerations {
  const config = typedObjectOf(
    value,
    [['podtolerationrestriction.admission.k8s.io/v1alpha1', 'Configuration']],
    ['default', 'whitelist'],
  );
  const errors = new ErrorList();
  const read = (field: 'default' | 'whitelist') => {
    const list = tolerationList(listOf(config[field], field));
    if (!list) throw new ConfigurationError(`${field} must be a list of tolerations`);
    tolerations(errors, root.child(field), list);
    return list;
  };
  const found = { default: read('default'), whitelist: read('whitelist') };
  if (!errors.empty)
    throw new ConfigurationError(`invalid config: [${errors.errors.map(({ text }) => text).join(', ')}]`);
  return found;
}
