import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** One TypeScript source: its path from the root and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** All TypeScript files below a folder of the repository, sorted by path. */
export function sourcesBelow(folder: string): Source[] {
  const found: Source[] = [];
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    found.push({ path: relative(root, path), text: readFileSync(path, 'utf8') });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A relative import: the importing file, and the imported one as a path from the root. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const specifier =
  /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"](\.[^'"]+)['"]|import\s*\(\s*['"](\.[^'"]+)['"]\s*\)|(?:^|[\s;}])import\s*['"](\.[^'"]+)['"]/g;

/** Every relative import of a source, static and dynamic, types included. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  for (const match of source.text.matchAll(specifier)) {
    const target = match[1] ?? match[2] ?? match[3]!;
    imports.push({ from: source.path, to: relative(root, resolve(root, dirname(source.path), target)) });
  }
  return imports;
}
