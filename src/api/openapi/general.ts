import { title } from './paths.ts';
import type { Schema } from './schema.ts';

/** Paths that belong to no group version: what there is, and which version it is. */
export interface GeneralPath {
  /** Where the v3 document of it is, and the path it describes: "apis/apps" is of "/apis/apps/". */
  readonly document: string;
  readonly operationId: string;
  readonly description: string;
  readonly tag: string;
  /** The facts type answered, or a schema of its own. */
  readonly type?: string;
  readonly schema?: Schema;
}

const text = { type: 'string', default: '' };
const versionInfo: Schema = {
  type: 'object',
  required: [
    'major',
    'minor',
    'gitVersion',
    'gitCommit',
    'gitTreeState',
    'buildDate',
    'goVersion',
    'compiler',
    'platform',
  ],
  properties: Object.fromEntries(
    ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minor', 'platform'].map(
      (name) => [name, text],
    ),
  ),
};

const camel = (group: string) =>
  group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map((part, i) => (i === 0 ? part : title(part)))
    .join('');

/** These paths where these groups are served. */
export const generalPaths = (groups: readonly string[]): readonly GeneralPath[] => [
  {
    document: 'api',
    operationId: 'getCoreAPIVersions',
    description: 'get available API versions',
    tag: 'core',
    type: 'meta/v1.APIVersions',
  },
  {
    document: 'apis',
    operationId: 'getAPIVersions',
    description: 'get available API versions',
    tag: 'apis',
    type: 'meta/v1.APIGroupList',
  },
  ...groups
    .filter((group) => group !== '')
    .map((group) => ({
      document: `apis/${group}`,
      operationId: `get${title(camel(group))}APIGroup`,
      description: 'get information of a group',
      tag: camel(group),
      type: 'meta/v1.APIGroup',
    })),
  {
    document: 'version',
    operationId: 'getCodeVersion',
    description: 'get the version information for this server',
    tag: 'version',
    schema: versionInfo,
  },
];
