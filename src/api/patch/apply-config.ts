import { countKeys, parseJson } from '../json.ts';
import { JsonError } from '../json-parser.ts';
import { badRequest } from '../status.ts';
import { parseYaml, YamlError } from '../yaml.ts';

/** The configuration of a server-side apply as it came: YAML, of which JSON is the form most clients send. */
export interface ApplyConfig {
  readonly type: 'apply';
  /** A private tree. */
  readonly body: Record<string, unknown>;
  /** Keys set twice: `line 10: key "replicas" already set in map`. */
  readonly findings: readonly string[];
}

/** What stands before the findings where they are told in one text. Source: sigs.k8s.io/yaml. */
const unmarshalErrors = 'error converting YAML to JSON: yaml: unmarshal errors:';

/** The refusal of a configuration that fieldValidation=Strict does not let pass. */
export const strictConfigError = (findings: readonly string[]) =>
  badRequest(`error strict decoding YAML: ${[unmarshalErrors, ...findings.map((text) => `  ${text}`)].join('\n')}`);

const refused = (why: string) => badRequest(`error decoding YAML: ${why}`);

const brace = 0x7b;
const startsWithBrace = (bytes: Uint8Array) => bytes.find((byte) => byte > 0x20) === brace;

/** Reads a configuration. Throws BadRequest. */
export function parseApplyConfig(bytes: Uint8Array): ApplyConfig {
  const json = startsWithBrace(bytes) ? fromJson(bytes) : undefined;
  if (json) return json;
  const { value, duplicates } = fromYaml(bytes);
  const body = value ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    const kind = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body;
    throw refused(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return { type: 'apply', body: body as Record<string, unknown>, findings: duplicates };
}

/** The fast way; flow-style YAML and keys set twice, which are told by their lines, go the other. */
function fromJson(bytes: Uint8Array): ApplyConfig | undefined {
  try {
    const { value, keys } = parseJson(bytes);
    if (countKeys(value) < keys) return undefined;
    return { type: 'apply', body: value as Record<string, unknown>, findings: [] };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function fromYaml(bytes: Uint8Array): { value: unknown; duplicates: readonly string[] } {
  try {
    return parseYaml(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    if (error instanceof YamlError) throw refused(`error converting YAML to JSON: ${error.message}`);
    if (error instanceof JsonError) throw refused(error.message);
    throw error;
  }
}
