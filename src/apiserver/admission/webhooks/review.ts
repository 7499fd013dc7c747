import { ConformError, conform } from '../../../api/conform.ts';
import { kindFacts } from '../../../api/facts.ts';
import { parseApiVersion } from '../../../api/object.ts';

/** The envelope of an admission webhook. Source: apiserver `admission/plugin/webhook/request/admissionreview.go`. */

const group = 'admission.k8s.io';
const versions = ['v1', 'v1beta1'] as const;

export type ReviewVersion = (typeof versions)[number];

/** The first version of the review that both sides know; undefined when there is none. */
export const reviewVersion = (accepted: readonly string[]): ReviewVersion | undefined =>
  accepted.find((version): version is ReviewVersion => (versions as readonly string[]).includes(version));

/** The question, as JSON. */
export const reviewBody = (version: ReviewVersion, request: Record<string, unknown>): string =>
  JSON.stringify({ kind: 'AdmissionReview', apiVersion: `${group}/${version}`, request });

/** What a webhook said. */
export interface Answer {
  readonly allowed: boolean;
  /** Why not: a Status, as far as the webhook filled it in. */
  readonly result: ResultStatus | undefined;
  readonly patch: AnsweredPatch | undefined;
  readonly warnings: readonly string[];
}

/** How the object is to be changed, not looked at yet. */
export interface AnsweredPatch {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A metav1.Status by somebody else. */
export interface ResultStatus {
  readonly code?: number;
  readonly message?: string;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

interface Response {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: ResultStatus;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
}

/** Why an answer is no good. */
export class InvalidAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidAnswer';
  }
}

/** An answer that is not even a review. */
export class UnreadableAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableAnswer';
  }
}

const refuse = (why: string): never => {
  throw new InvalidAnswer(why);
};

const quoted = (text: string | undefined) => JSON.stringify(text ?? '');

/** "group/version, Kind=kind" as Go prints it. */
function kindText(apiVersion: string, kind: string): string {
  const { group: its, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  return `${its}/${version}, Kind=${kind}`;
}

interface Question {
  readonly version: ReviewVersion;
  readonly uid: string;
  /** Whether the webhook may change the object. */
  readonly mutating: boolean;
}

/** Reads and verifies an answer. Throws `UnreadableAnswer` or `InvalidAnswer`. */
export function answerOf(tree: unknown, question: Question): Answer {
  const { apiVersion, kind, response } = reviewOf(tree, question.version);
  if (!response) return refuse('webhook response was absent');
  if (question.version === 'v1') {
    if (response.uid !== question.uid)
      refuse(`expected response.uid=${quoted(question.uid)}, got ${quoted(response.uid)}`);
    if (apiVersion === '' || kind === '') {
      const wanted = kindText(`${group}/v1`, 'AdmissionReview');
      refuse(`expected webhook response of ${wanted}, got ${kindText(apiVersion, kind)}`);
    }
    checkPatch(response, question.mutating);
  }
  return {
    allowed: response.allowed ?? false,
    result: response.status,
    patch: question.mutating ? patchOf(response, question.version) : undefined,
    warnings: response.warnings ?? [],
  };
}

/** Both or neither of patch and patchType where the object may be changed, neither where it may not. */
function checkPatch({ patch = '', patchType }: Response, mutating: boolean): void {
  if (!mutating) {
    if (patch) refuse('validating webhook may not return response.patch');
    if (patchType !== undefined) refuse('validating webhook may not return response.patchType');
    return;
  }
  if (patch && patchType === undefined) refuse('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined) refuse('webhook returned response.patchType but not response.patch');
  if (patchType === '') refuse('webhook returned invalid response.patchType of ""');
}

function patchOf({ patch = '', patchType }: Response, version: ReviewVersion): AnsweredPatch | undefined {
  if (!patch) return undefined;
  // Nobody looked at the type in v1beta1.
  const type = version === 'v1beta1' ? 'JSONPatch' : patchType!;
  return { type, bytes: Buffer.from(patch, 'base64') };
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: Response | undefined;
}

/** The parts of a review. One of the other version is read as Go does: as nothing. */
function reviewOf(tree: unknown, version: ReviewVersion): Review {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw new UnreadableAnswer("couldn't get version/kind; json parse error: the answer is not an object");
  const { apiVersion = '', kind = '' } = tree as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw new UnreadableAnswer("couldn't get version/kind; json parse error: apiVersion and kind must be text");
  const asked = `${group}/${version}`;
  const foreign = (apiVersion !== '' && apiVersion !== asked) || (kind !== '' && kind !== 'AdmissionReview');
  if (foreign) {
    if (kind === 'AdmissionReview' && versions.some((known) => apiVersion === `${group}/${known}`))
      return { apiVersion, kind, response: undefined };
    throw new UnreadableAnswer(
      `no kind ${quoted(kind || 'AdmissionReview')} is registered for version ${quoted(apiVersion || asked)} in scheme "pkg/util/webhook/client.go:71"`,
    );
  }
  try {
    const facts = kindFacts(group, version, 'AdmissionReview')!;
    const { response } = conform(facts, tree).value as { response?: Response };
    return { apiVersion, kind, response };
  } catch (error) {
    throw error instanceof ConformError ? new UnreadableAnswer(error.message) : error;
  }
}
