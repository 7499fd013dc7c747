import { ErrorList, FieldPath } from '../../../api/field-errors.ts';

/**
 * Which standards hold for a namespace. Source: pod-security-admission `api/helpers.go`, `api/constants.go`.
 */

export const levels = ['privileged', 'baseline', 'restricted'] as const;
/** How strict: everything is allowed, known escalations are not, or only what is hardened is. */
export type Level = (typeof levels)[number];

export const modes = ['enforce', 'audit', 'warn'] as const;
/** What comes of a violation: a refusal, a line in the audit log, or a warning. */
export type Mode = (typeof modes)[number];

/** Newer than every minor version. */
export const latest = Number.POSITIVE_INFINITY;

/** A level as it was in one version of Kubernetes. */
export interface LevelVersion {
  readonly level: Level;
  /** The minor version of 1.x, or `latest`. */
  readonly version: number;
}

export type Policy = Readonly<Record<Mode, LevelVersion>>;

const free: LevelVersion = { level: 'privileged', version: latest };
/** What holds where nobody says anything. */
export const freePolicy: Policy = { enforce: free, audit: free, warn: free };

/** What the labels that set a policy start with. */
export const labelPrefix = 'pod-security.kubernetes.io/';

/** The labels of a mode. */
export const labelsOf = (mode: Mode) => ({ level: `${labelPrefix}${mode}`, version: `${labelPrefix}${mode}-version` });

const names = modes.map((mode) => ({ mode, ...labelsOf(mode) }));

/** `restricted:v1.25`, `baseline:latest` */
export const levelText = ({ level, version }: LevelVersion): string => `${level}:${versionText(version)}`;

const versionText = (version: number) => (version === latest ? 'latest' : `v1.${version}`);

export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;

/** Whether the first level asks for more than the second. */
export const isStricter = (a: Level, b: Level): boolean => levels.indexOf(a) > levels.indexOf(b);

/** Whether nothing is refused, noted or warned of. */
export const isFree = (policy: Policy): boolean => modes.every((mode) => policy[mode].level === 'privileged');

/** A level by its name; undefined for what is none. */
export const parseLevel = (text: string): Level | undefined => levels.find((level) => level === text);

/** A version by its name; undefined for what is none. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return latest;
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1];
  return minor !== undefined && Number.isSafeInteger(Number(minor)) ? Number(minor) : undefined;
}

export const levelRule = `must be one of ${levels.join(', ')}`;
export const versionRule = 'must be "latest" or "v1.x"';

type Labels = Readonly<Record<string, string>>;

/** A policy, and what is wrong with the labels it was read from. */
export interface ReadPolicy {
  readonly policy: Policy;
  readonly errors: ErrorList;
}

const none: Labels = {};
const sound = new ErrorList();
const at = FieldPath.of('metadata', 'labels');

/**
 * The policy that a namespace's labels set, by `defaults` where they set none. Always a policy: a level to enforce that
 * is none is the strictest, one to audit or warn of is the freest, and a version that is none is the latest.
 */
export function policyOf(labels: Labels = none, defaults: Policy = freePolicy): ReadPolicy {
  if (!setsPolicy(labels)) return { policy: defaults, errors: sound };
  const errors = new ErrorList();
  const policy: Record<Mode, LevelVersion> = { ...defaults };
  for (const { mode, level, version } of names) {
    policy[mode] = {
      level:
        readLabel(labels, level, parseLevel, errors, levelRule, mode === 'enforce' ? 'restricted' : 'privileged') ??
        policy[mode].level,
      version: readLabel(labels, version, parseVersion, errors, versionRule, latest) ?? policy[mode].version,
    };
  }
  return { policy, errors };
}

function setsPolicy(labels: Labels): boolean {
  for (const key in labels) if (key.startsWith(labelPrefix)) return true;
  return false;
}

/** What a label says, or `bad` for what says nothing; undefined where there is no label. */
function readLabel<T>(
  labels: Labels,
  label: string,
  parse: (text: string) => T | undefined,
  errors: ErrorList,
  rule: string,
  bad: T,
): T | undefined {
  if (!Object.hasOwn(labels, label)) return undefined;
  const text = labels[label]!;
  const value = parse(text);
  if (value === undefined) errors.invalid(at.key(label), text, rule);
  return value ?? bad;
}
