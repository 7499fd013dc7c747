import { ErrorList, FieldPath } from '../../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { ConfigurationError, listOf, objectOf, typedObjectOf } from '../configuration/fields.ts';
import {
  freePolicy,
  type LevelVersion,
  latest,
  levelRule,
  type Mode,
  modes,
  type Policy,
  parseLevel,
  parseVersion,
  versionRule,
} from './policy.ts';

/** What holds for all namespaces. Source: pod-security-admission `admission/api`, PodSecurityConfiguration. */
export interface PodSecurityConfiguration {
  /** For namespaces whose labels say nothing. */
  readonly defaults: Policy;
  /** Who nothing is asked of. */
  readonly exemptions: {
    readonly usernames: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
  };
}

/** Where nobody configures anything: nothing is asked for, and nobody exempt. */
export const noConfiguration: PodSecurityConfiguration = {
  defaults: freePolicy,
  exemptions: { usernames: new Set(), namespaces: new Set(), runtimeClasses: new Set() },
};

const versions = ['v1', 'v1beta1', 'v1alpha1'] as const;
const kinds = versions.map(
  (version) => [`pod-security.admission.config.k8s.io/${version}`, 'PodSecurityConfiguration'] as const,
);

/** Reads a PodSecurityConfiguration. Throws ConfigurationError. Source: pod-security-admission `admission/api`. */
export function podSecurityOf(value: unknown): PodSecurityConfiguration {
  const { defaults, exemptions } = typedObjectOf(value, kinds, ['defaults', 'exemptions']);
  const errors = new ErrorList();
  const config = { defaults: defaultsOf(defaults ?? {}, errors), exemptions: exemptionsOf(exemptions ?? {}, errors) };
  if (errors.empty) return config;
  const texts = errors.errors.map(({ text }) => text);
  throw new ConfigurationError(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}

function defaultsOf(value: unknown, errors: ErrorList): Policy {
  const fields = objectOf(
    value,
    'defaults',
    modes.flatMap((mode) => [mode, `${mode}-version`]),
  );
  const at = FieldPath.of('defaults');
  const read = <T>(field: string, otherwise: T, parse: (text: string) => T | undefined, rule: string): T => {
    const text = fields[field] ?? '';
    if (text === '') return otherwise;
    const found = parse(String(text));
    if (found === undefined) errors.invalid(at.child(field), text, rule);
    return found ?? otherwise;
  };
  const of = (mode: Mode): LevelVersion => ({
    level: read(mode, freePolicy[mode].level, parseLevel, levelRule),
    version: read(`${mode}-version`, latest, parseVersion, versionRule),
  });
  return { enforce: of('enforce'), audit: of('audit'), warn: of('warn') };
}

function exemptionsOf(value: unknown, errors: ErrorList): PodSecurityConfiguration['exemptions'] {
  const fields = objectOf(value, 'exemptions', ['usernames', 'namespaces', 'runtimeClasses']);
  const at = FieldPath.of('exemptions');
  const read = (field: string, rules: (name: string) => string[]): ReadonlySet<string> => {
    const names = new Set<string>();
    for (const [i, item] of listOf(fields[field], `exemptions.${field}`).entries()) {
      const name = String(item);
      const [path, texts] = [at.child(field).index(i), rules(name)];
      if (name === '' && field === 'usernames') errors.required(path);
      else if (texts.length > 0) errors.invalid(path, name, texts.join(', '));
      else if (names.has(name)) errors.duplicate(path, name);
      else names.add(name);
    }
    return names;
  };
  return {
    namespaces: read('namespaces', dns1123LabelErrors),
    runtimeClasses: read('runtimeClasses', dns1123SubdomainErrors),
    usernames: read('usernames', () => []),
  };
}
