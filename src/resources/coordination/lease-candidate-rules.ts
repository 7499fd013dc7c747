import type { ErrorList } from '../../api/field-errors.ts';
import { BadVersion, compareSemver, parseSemver, type SemanticVersion } from '../../api/semver.ts';
import type { LeaseCandidate } from '../../api/types/coordination-v1beta1.gen.ts';
import { present, unchanged } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { strategy } from './lease-rules.ts';

/** Rules of LeaseCandidates. Source: coordination/validation. */

type Field = 'leaseName' | 'binaryVersion' | 'emulationVersion' | 'strategy';
const at = (field: Field) => specPath.child(field);
const zero = parseSemver('0.0.0');

function version(errors: ErrorList, field: Field, text: string | undefined): SemanticVersion {
  try {
    return text ? parseSemver(text) : zero;
  } catch (error) {
    if (!(error instanceof BadVersion)) throw error;
    errors.invalid(at(field), text, 'must be a valid semantic version');
    return zero;
  }
}

export function validateCandidate({ spec }: LeaseCandidate, errors: ErrorList): void {
  const { leaseName, binaryVersion, emulationVersion, strategy: chosen } = spec ?? {};
  present(errors, at('leaseName'), leaseName);
  const emulated = version(errors, 'emulationVersion', emulationVersion);
  const binary = present(errors, at('binaryVersion'), binaryVersion) && version(errors, 'binaryVersion', binaryVersion);
  if (binary && emulationVersion && compareSemver(binary, emulated) < 0)
    errors.invalid(at('binaryVersion'), binaryVersion, 'must be greater than or equal to `emulationVersion`');
  if (!present(errors, at('strategy'), chosen)) return;
  if (chosen === 'OldestEmulationVersion' && compareSemver(emulated, zero) === 0)
    errors.required(at('emulationVersion'), "must be specified when `strategy` is 'OldestEmulationVersion'");
  strategy(errors, at('strategy'), chosen);
}

export function validateCandidateUpdate({ spec }: LeaseCandidate, old: LeaseCandidate, errors: ErrorList): void {
  unchanged(errors, at('leaseName'), spec?.leaseName, old.spec?.leaseName);
}
