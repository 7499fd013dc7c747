import { BadVersion, compareSemver, parseSemver, type SemanticVersion } from '../../semver.ts';
import { type Declaration, fn, method } from '../check/declaration.ts';
import { structNamed, types } from '../check/type.ts';
import { Fault, fail } from '../values/fault.ts';
import { Opaque, type Value } from '../values/value.ts';

/** Semantic versions. Source: apiserver `pkg/cel/library/semverlib.go`. */

const { string, bool, int } = types;
const semverType = structNamed('kubernetes.Semver');

class Semver extends Opaque implements SemanticVersion {
  readonly typeName = semverType.name;
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];

  constructor({ numbers, prerelease, build }: SemanticVersion) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: Value): boolean {
    return other instanceof Semver && compareSemver(this, other) === 0;
  }

  toJson(): string {
    const pre = this.prerelease.length > 0 ? `-${this.prerelease.join('.')}` : '';
    return `${this.numbers.join('.')}${pre}${this.build.length > 0 ? `+${this.build.join('.')}` : ''}`;
  }
}

/** Takes a leading `v`, leading zeros and versions without minor or patch. */
function normalized(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const three = parts.length > 3 ? [parts[0]!, parts[1]!, parts.slice(2).join('.')] : parts;
  const trimmed = three.map((part) =>
    part.length > 1 ? part.replace(/^0+(?=[0-9])/, '').replace(/^0+(?![0-9])/, '0') : part,
  );
  if (trimmed.length < 3) {
    if (/[+-]/.test(trimmed.at(-1)!)) return fail('short version cannot contain PreRelease/Build meta data');
    while (trimmed.length < 3) trimmed.push('0');
  }
  return trimmed.join('.');
}

function semver(text: string, normalize = false): Semver {
  const plain = normalize ? normalized(text) : text;
  try {
    return new Semver(parseSemver(plain));
  } catch (error) {
    if (error instanceof BadVersion) return fail(error.message);
    throw error;
  }
}

/** The value of a variable of type `kubernetes.Semver`. Throws a fault. */
export const semverVariable = (text: string): unknown => semver(text);

function isSemver(text: string, normalize = false): boolean {
  try {
    semver(text, normalize);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

const v = semverType;
const part = (name: string, place: number) =>
  method(name, `semver_${name}`, [v], int, ({ numbers }: Semver) => BigInt.asIntN(64, numbers[place]!));

export const semvers: readonly Declaration[] = [
  fn('semver', 'string_to_semver', [string], v, (text: string) => semver(text)),
  fn('semver', 'string_bool_to_semver', [string, bool], v, semver),
  fn('isSemver', 'is_semver_string', [string], bool, (text: string) => isSemver(text)),
  fn('isSemver', 'is_semver_string_bool', [string, bool], bool, isSemver),
  method('isGreaterThan', 'semver_is_greater_than', [v, v], bool, (a: Semver, b: Semver) => compareSemver(a, b) > 0),
  method('isLessThan', 'semver_is_less_than', [v, v], bool, (a: Semver, b: Semver) => compareSemver(a, b) < 0),
  method('compareTo', 'semver_compare_to', [v, v], int, (a: Semver, b: Semver) => BigInt(compareSemver(a, b))),
  part('major', 0),
  part('minor', 1),
  part('patch', 2),
];
