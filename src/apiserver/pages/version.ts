/** The Kubernetes version whose API is served. */
export const kubernetesVersion = '1.36.4';

/** The answer of /version. `commit` is krill's own. Major and minor are plain integers, as clients parse them. */
export function versionInfo(commit: string): object {
  const [major, minor] = kubernetesVersion.split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `v${kubernetesVersion}+krill`,
    gitCommit: commit,
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.version}`,
    compiler: 'v8',
    platform: `${process.platform}/${architectures[process.arch] ?? process.arch}`,
  };
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
