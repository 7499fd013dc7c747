import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packages, suite } from './recipe.mjs';

const run = promisify(execFile);
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Thrown when this machine offers no way to the packages; the build then goes on without a node image. */
export class NoPackages extends Error {}

/** Debian's mirror, or the one named by KRILL_DEBIAN_MIRROR. */
const mirror = () => process.env.KRILL_DEBIAN_MIRROR ?? 'http://deb.debian.org';

const sources = (signedBy) =>
  [
    `deb [signed-by=${signedBy}] ${mirror()}/debian ${suite} main`,
    `deb [signed-by=${signedBy}] ${mirror()}/debian-security ${suite}-security main`,
    '',
  ].join('\n');

/** The commands, for this machine's shell or a container's, that leave .deb files in `folder`. */
const script = (folder) =>
  ['set -e', `cd ${folder}/debs`, 'apt-get -q update', `apt-get -q download ${packages.join(' ')}`].join('\n');

/** An apt configuration of our own: sources, lists and caches under `folder`, the machine's left alone. */
async function configure(folder, signedBy) {
  for (const part of ['debs', 'lists/partial', 'cache/archives/partial', 'sources', 'preferences']) {
    await mkdir(join(folder, part), { recursive: true });
  }
  await writeFile(join(folder, 'sources.list'), sources(signedBy));
  await writeFile(join(folder, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': join(folder, 'sources'),
    'Dir::Etc::preferencesparts': join(folder, 'preferences'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    'APT::Sandbox::User': '',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";`);
  await writeFile(join(folder, 'apt.conf'), `${lines.join('\n')}\n`);
}

/** Downloads the packages with this machine's apt-get. */
async function withApt(folder) {
  await configure(folder, keyring);
  await run('sh', ['-c', script(folder)], { env: { ...process.env, APT_CONFIG: join(folder, 'apt.conf') } });
}

/** Downloads and unpacks them in a container of a Debian image the engine already has; nothing is pulled. */
async function withEngine(folder) {
  const { stdout } = await run('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}', 'debian']);
  const image = stdout.split('\n').find((name) => name.startsWith('debian:') && !name.endsWith('<none>'));
  if (!image) throw new NoPackages('the container engine has no debian image');
  await configure(folder, keyring);
  const unpack = 'for d in *.deb; do n=$(echo $d | cut -d_ -f1); mkdir -p ../tree/$n; dpkg-deb -R $d ../tree/$n; done';
  const mount = `${folder}:${folder}`;
  const env = `APT_CONFIG=${folder}/apt.conf`;
  await run('docker', ['run', '--rm', '-e', env, '-v', mount, image, 'sh', '-c', `${script(folder)}\n${unpack}`]);
}

async function unpack(folder) {
  for (const deb of await readdir(join(folder, 'debs'))) {
    if (!deb.endsWith('.deb')) continue;
    const to = join(folder, 'tree', deb.split('_')[0]);
    await mkdir(to, { recursive: true });
    await run('dpkg-deb', ['-R', join(folder, 'debs', deb), to]);
  }
}

const present = (program) =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  );

/**
 * Unpacks every package of the recipe under `folder`/tree/<package> and says what it is.
 * @returns {Promise<Array<{ name: string, version: string, source: string, architecture: string, root: string, licence: string }>>}
 */
export async function fetchPackages(folder) {
  if (process.arch !== 'x64' && process.arch !== 'arm64') throw new NoPackages(`no packages for ${process.arch}`);
  const failures = [];
  const ways = [
    ['apt', async () => existsSync(keyring) && (await present('apt-get')) && (await present('dpkg-deb')), withApt],
    ['docker', () => present('docker'), withEngine],
  ];
  for (const [name, usable, fetch] of ways) {
    if (!(await usable())) {
      failures.push(`${name}: not on this machine`);
      continue;
    }
    try {
      await fetch(folder);
      if (name === 'apt') await unpack(folder);
      return await describe(folder);
    } catch (error) {
      failures.push(
        `${name}: ${String(error.stderr || error.message)
          .trim()
          .split('\n')
          .at(-1)}`,
      );
    }
  }
  throw new NoPackages(failures.join('; '));
}

async function describe(folder) {
  const found = [];
  for (const name of packages) {
    const root = join(folder, 'tree', name);
    const control = await readFile(join(root, 'DEBIAN/control'), 'utf8');
    const field = (key) => control.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1];
    const version = field('Version') ?? '';
    const licence = await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8').catch(() => '');
    found.push({
      name,
      version,
      source: field('Source') ?? name,
      architecture: field('Architecture') ?? '',
      root,
      licence,
    });
  }
  return found;
}
