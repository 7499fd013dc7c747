import { type Declaration, fn, method } from '../check/declaration.ts';
import { structNamed, types } from '../check/type.ts';
import { Fault, fail } from '../values/fault.ts';
import { isUint64, Opaque, type Value } from '../values/value.ts';

/** Semantic versions. Source: apiserver `pkg/cel/library/semverlib.go` and the texts of its parser, blang/semver. */

const { string, bool, int } = types;
const semverType = structNamed('kubernetes.Semver');

class Semver extends Opaque {
  readonly typeName = semverType.name;
  /** Major, minor and patch. */
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];

  constructor(numbers: readonly bigint[], prerelease: readonly (bigint | string)[], build: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: Value): boolean {
    return other instanceof Semver && compareVersions(this, other) === 0;
  }

  toJson(): string {
    const pre = this.prerelease.length > 0 ? `-${this.prerelease.join('.')}` : '';
    return `${this.numbers.join('.')}${pre}${this.build.length > 0 ? `+${this.build.join('.')}` : ''}`;
  }
}

const quoted = JSON.stringify;
const digits = /^[0-9]+$/;
const identifier = /^[0-9A-Za-z-]+$/;
const hasLeadingZero = (text: string) => text.length > 1 && text.startsWith('0');

function versionNumber(text: string, name: string): bigint {
  if (!/^[0-9]*$/.test(text)) return fail(`Invalid character(s) found in ${name.toLowerCase()} number ${quoted(text)}`);
  if (hasLeadingZero(text)) return fail(`${name} number must not contain leading zeroes ${quoted(text)}`);
  const failed = (why: string) => fail(`strconv.ParseUint: parsing ${quoted(text)}: ${why}`);
  if (text === '') return failed('invalid syntax');
  if (text.length > 20 || !isUint64(BigInt(text))) return failed('value out of range');
  return BigInt(text);
}

function parse(text: string): Semver {
  if (text === '') return fail('Version string empty');
  const [major = '', minor, ...others] = text.split('.');
  if (minor === undefined || others.length === 0) return fail('No Major.Minor.Patch elements found');
  const [numbers1, numbers2] = [versionNumber(major, 'Major'), versionNumber(minor, 'Minor')];
  let rest = others.join('.');
  const plus = rest.indexOf('+');
  const build = plus === -1 ? [] : rest.slice(plus + 1).split('.');
  if (plus !== -1) rest = rest.slice(0, plus);
  const dash = rest.indexOf('-');
  const prerelease = dash === -1 ? [] : rest.slice(dash + 1).split('.');
  if (dash !== -1) rest = rest.slice(0, dash);
  const patch = versionNumber(rest, 'Patch');
  const released = prerelease.map(prereleasePart);
  for (const part of build) {
    if (part === '') return fail('Build meta data is empty');
    if (!identifier.test(part)) return fail(`Invalid character(s) found in build meta data ${quoted(part)}`);
  }
  return new Semver([numbers1, numbers2, patch], released, build);
}

function prereleasePart(part: string): bigint | string {
  if (part === '') return fail('Prerelease is empty');
  if (digits.test(part)) {
    if (hasLeadingZero(part)) return fail(`Numeric PreRelease version must not contain leading zeroes ${quoted(part)}`);
    return part.length > 20 ? fail(`strconv.ParseUint: parsing ${quoted(part)}: value out of range`) : BigInt(part);
  }
  return identifier.test(part) ? part : fail(`Invalid character(s) found in prerelease ${quoted(part)}`);
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

const semver = (text: string, normalize = false): Semver => parse(normalize ? normalized(text) : text);

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

const order = <T extends bigint | string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** -1, 0 or 1. A release is above its prereleases, numbers are below words; builds do not count. */
function compareVersions(a: Semver, b: Semver): number {
  for (let i = 0; i < 3; i++) {
    const found = order(a.numbers[i]!, b.numbers[i]!);
    if (found !== 0) return found;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return order(b.prerelease.length, a.prerelease.length);
  for (const [i, part] of a.prerelease.entries()) {
    const other = b.prerelease[i];
    if (other === undefined) return 1;
    const found = typeof part === typeof other ? order(part, other) : typeof part === 'bigint' ? -1 : 1;
    if (found !== 0) return found;
  }
  return order(a.prerelease.length, b.prerelease.length);
}

const v = semverType;
const part = (name: string, place: number) =>
  method(name, `semver_${name}`, [v], int, ({ numbers }: Semver) => BigInt.asIntN(64, numbers[place]!));

export const semvers: readonly Declaration[] = [
  fn('semver', 'string_to_semver', [string], v, (text: string) => semver(text)),
  fn('semver', 'string_bool_to_semver', [string, bool], v, semver),
  fn('isSemver', 'is_semver_string', [string], bool, (text: string) => isSemver(text)),
  fn('isSemver', 'is_semver_string_bool', [string, bool], bool, isSemver),
  method('isGreaterThan', 'semver_is_greater_than', [v, v], bool, (a: Semver, b: Semver) => compareVersions(a, b) > 0),
  method('isLessThan', 'semver_is_less_than', [v, v], bool, (a: Semver, b: Semver) => compareVersions(a, b) < 0),
  method('compareTo', 'semver_compare_to', [v, v], int, (a: Semver, b: Semver) => BigInt(compareVersions(a, b))),
  part('major', 0),
  part('minor', 1),
  part('patch', 2),
];
