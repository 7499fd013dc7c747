/** Semantic versions, read and compared as blang/semver does it, with its texts. */

/** 1.2.3-beta.1+build: what a version is made of. */
export interface SemanticVersion {
  /** Major, minor and patch. */
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];
}

/** A text that is no semantic version. */
export class BadVersion extends Error {}

function fail(message: string): never {
  throw new BadVersion(message);
}

const quoted = JSON.stringify;
const maxUint64 = 0xffff_ffff_ffff_ffffn;
const digits = /^[0-9]+$/;
const identifier = /^[0-9A-Za-z-]+$/;
const hasLeadingZero = (text: string) => text.length > 1 && text.startsWith('0');

function versionNumber(text: string, name: string): bigint {
  if (!/^[0-9]*$/.test(text)) return fail(`Invalid character(s) found in ${name.toLowerCase()} number ${quoted(text)}`);
  if (hasLeadingZero(text)) return fail(`${name} number must not contain leading zeroes ${quoted(text)}`);
  const failed = (why: string) => fail(`strconv.ParseUint: parsing ${quoted(text)}: ${why}`);
  if (text === '') return failed('invalid syntax');
  if (text.length > 20 || BigInt(text) > maxUint64) return failed('value out of range');
  return BigInt(text);
}

/** Reads a version. Throws `BadVersion`. */
export function parseSemver(text: string): SemanticVersion {
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
  return { numbers: [numbers1, numbers2, patch], prerelease: released, build };
}

function prereleasePart(part: string): bigint | string {
  if (part === '') return fail('Prerelease is empty');
  if (digits.test(part)) {
    if (hasLeadingZero(part)) return fail(`Numeric PreRelease version must not contain leading zeroes ${quoted(part)}`);
    return part.length > 20 ? fail(`strconv.ParseUint: parsing ${quoted(part)}: value out of range`) : BigInt(part);
  }
  return identifier.test(part) ? part : fail(`Invalid character(s) found in prerelease ${quoted(part)}`);
}

const order = <T extends bigint | string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** -1, 0 or 1. A release is above its prereleases, numbers are below words; builds do not count. */
export function compareSemver(a: SemanticVersion, b: SemanticVersion): number {
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
