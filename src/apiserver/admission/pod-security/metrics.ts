import { Counter } from '../../../base/metrics.ts';
import type { AdmissionRequest } from '../admission.ts';
import { type LevelVersion, latest, type Mode } from './policy.ts';

/** The version that is served: policies of later ones are counted together. */
const served = 36;

const versionOf = ({ version }: LevelVersion): string => {
  if (version === latest) return 'latest';
  return version > served ? 'future' : `v1.${version}`;
};

const requestOf = ({ operation, subresource, served: { qualified } }: AdmissionRequest): string =>
  `request_operation="${operation.toLowerCase()}",resource="${qualified === 'pods' ? 'pod' : 'controller'}",subresource="${subresource}"`;

/** Counts what is held to the standards, and what came of it. Source: pod-security-admission `metrics`. */
export class PodSecurityMetrics {
  readonly #evaluations = new Counter(
    'pod_security_evaluations_total',
    'How often a policy was applied, by its outcome.',
  );
  readonly #exemptions = new Counter('pod_security_exemptions_total', 'Writes that are exempt from all policies.');
  readonly #errors = new Counter('pod_security_errors_total', 'Policies that could not be read, or not be found.');

  /** What a mode makes of a request. Of audit and warn only violations count. */
  evaluated(request: AdmissionRequest, mode: Mode, level: LevelVersion, allowed: boolean): void {
    const decision = allowed ? 'allow' : 'deny';
    const policy = `policy_level="${level.level}",policy_version="${versionOf(level)}"`;
    this.#evaluations.add(`decision="${decision}",mode="${mode}",${policy},${requestOf(request)}`);
  }

  exempted(request: AdmissionRequest): void {
    this.#exemptions.add(requestOf(request));
  }

  /** Something went wrong; whether the request ends with it. */
  failed(request: AdmissionRequest, fatal: boolean): void {
    this.#errors.add(`fatal="${fatal}",${requestOf(request)}`);
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    for (const metric of [this.#evaluations, this.#exemptions, this.#errors]) yield* metric.lines();
  }
}
