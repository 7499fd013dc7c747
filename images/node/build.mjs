// Assembles krill's node image from Debian packages: dist/node-image.tar.gz (what `docker import` reads) and
// dist/node-image.json (its hash, and the packages with versions, licences and sources).

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { elfNeeds } from './elf.mjs';
import { fetchPackages, NoPackages } from './packages.mjs';
import { files, folders, programs, shadowed } from './recipe.mjs';
import { tar } from './tar.mjs';

const here = new URL('.', import.meta.url);

/** One image per state of these scripts and machine architecture: the key of the cache. */
async function recipeHash() {
  const hash = createHash('sha256').update(process.arch);
  for (const name of (await readdir(here)).sort()) hash.update(await readFile(new URL(name, here)));
  return hash.digest('hex').slice(0, 16);
}

/** Where a path of the image lives in the unpacked packages, links followed inside them. */
async function locate(unpacked, path) {
  for (const { name, root } of unpacked) {
    let at = path;
    for (let hops = 0; hops < 8; hops++) {
      const info = await stat(join(root, dirname(at))).catch(() => undefined);
      if (!info) break;
      const link = await readlink(join(root, at)).catch(() => undefined);
      if (!link) {
        const file = await stat(join(root, at)).catch(() => undefined);
        if (file?.isFile()) return { package: name, file: join(root, at) };
        break;
      }
      at = link.startsWith('/') ? link : join(dirname(at), link);
    }
  }
  return undefined;
}

async function locateLibrary(unpacked, name) {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch];
  for (const folder of [`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib', '/usr/lib']) {
    const found = await locate(unpacked, `${folder}/${name}`);
    if (found) return found;
  }
  throw new Error(`no package of the recipe has the library ${name}`);
}

/** Programs, then the closure of their libraries, as archive entries; and the packages they came from. */
async function collect(unpacked) {
  const entries = new Map();
  const used = new Set();
  const queue = [];
  const add = async (found, path) => {
    if (entries.has(path)) return;
    const data = await readFile(found.file);
    entries.set(path, { path, type: 'file', mode: 0o755, data });
    used.add(found.package);
    queue.push(elfNeeds(data));
  };
  for (const [from, to] of Object.entries(programs)) {
    const found = await locate(unpacked, from);
    if (!found) throw new Error(`no package of the recipe has ${from}`);
    await add(found, to);
  }
  while (queue.length > 0) {
    const { interpreter, needed } = queue.pop();
    // The loader looks in /lib without a cache file; the interpreter keeps the path compiled into the programs.
    if (interpreter) await add(await locateLibrary(unpacked, basename(interpreter)), interpreter);
    for (const name of needed) {
      if (name.startsWith('ld-linux')) continue; // the interpreter itself, which every program brings
      await add(await locateLibrary(unpacked, name), `/lib/${name}`);
    }
  }
  return { entries, used };
}

/** Short names of the licences a Debian copyright file declares. */
function licences(text) {
  const declared = [...text.matchAll(/^License:[ \t]*(\S.*)$/gm)].map((m) => m[1].trim());
  const common = [...text.matchAll(/common-licenses\/([A-Za-z0-9.+-]+?)[.,'")\s]/g)].map((m) => m[1]);
  return [...new Set(declared.length > 0 && /^Format:/m.test(text) ? declared : common)].sort();
}

async function assemble(work) {
  const unpacked = await fetchPackages(work);
  const { entries, used } = await collect(unpacked);
  const busybox = join(unpacked.find((p) => p.name === 'busybox-static').root, 'bin/busybox');
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (!applet || shadowed.has(applet)) continue;
    entries.set(`/bin/${applet}`, { path: `/bin/${applet}`, type: 'link', mode: 0o777, target: 'busybox' });
  }
  for (const [path, text] of Object.entries(files)) {
    entries.set(path, { path, type: 'file', mode: 0o644, data: Buffer.from(text) });
  }
  const taken = unpacked.filter((p) => used.has(p.name));
  for (const { name, licence } of taken) {
    const path = `/usr/share/doc/${name}/copyright`;
    entries.set(path, { path, type: 'file', mode: 0o644, data: Buffer.from(licence) });
  }
  for (const folder of folders)
    entries.set(folder, { path: folder, type: 'folder', mode: folder === '/tmp' ? 0o1777 : 0o755 });
  for (const path of [...entries.keys()]) {
    for (let up = dirname(path); up !== '/'; up = dirname(up)) {
      if (!entries.has(up)) entries.set(up, { path: up, type: 'folder', mode: 0o755 });
    }
  }
  const archive = gzipSync(tar(entries.values()), { level: 9 });
  const list = taken.map(({ name, version, source, architecture, licence }) => ({
    name,
    version,
    architecture,
    source: `https://sources.debian.org/src/${source.replace(/ .*/, '')}/`,
    licences: licences(licence),
  }));
  const hash = createHash('sha256').update(archive).digest('hex');
  return { archive, manifest: `${JSON.stringify({ hash, packages: list }, null, 2)}\n` };
}

/**
 * Puts node-image.tar.gz and node-image.json into `out`, from the cache when these scripts made them before.
 * Resolves with undefined, or with the reason why there can be no node image here.
 */
export async function buildNodeImage(out) {
  const cache = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'krill',
    'node-image',
    await recipeHash(),
  );
  const names = ['node-image.tar.gz', 'node-image.json'];
  const cached = await stat(join(cache, names[1])).catch(() => undefined);
  if (!cached) {
    const work = await mkdtemp(join(tmpdir(), 'krill-node-image-'));
    try {
      const { archive, manifest } = await assemble(work);
      await mkdir(cache, { recursive: true });
      for (const [name, data] of [
        [names[0], archive],
        [names[1], manifest],
      ]) {
        const part = join(cache, `.${process.pid}.${name}`);
        await writeFile(part, data);
        await rename(part, join(cache, name));
      }
    } catch (error) {
      if (error instanceof NoPackages) return error.message;
      throw error;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  await mkdir(out, { recursive: true });
  for (const name of names) await copyFile(join(cache, name), join(out, name));
  return undefined;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  const problem = await buildNodeImage(process.argv[2] ?? 'dist');
  if (problem) {
    process.stderr.write(`no node image: ${problem}\n`);
    process.exitCode = 1;
  }
}
