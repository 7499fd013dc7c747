import type { DiscoveryPages } from '../discovery/pages.ts';
import { respond } from '../respond.ts';
import type { Page } from '../serve.ts';
import { type HealthCheck, healthPage, healthPaths } from './health.ts';

/** A page with a fixed JSON value. */
export const jsonPage =
  (value: () => unknown): Page =>
  (request) =>
    respond(request, 200, 'application/json', JSON.stringify(value()));

export interface PageParts {
  readonly discovery: DiscoveryPages;
  readonly health: readonly HealthCheck[];
  /** Pages at a fixed path. */
  readonly fixed: Readonly<Record<string, Page>>;
  /** Pages found by more than their path, and the paths of those that the index names. */
  readonly others: readonly { readonly paths: readonly string[]; find(path: string): Page | undefined }[];
}

/** Finds the page at a path that is no resource. */
export function pageFinder({ discovery, health, fixed, others }: PageParts): (path: string) => Page | undefined {
  const index = jsonPage(() => ({
    paths: [
      ...discovery.paths,
      ...Object.keys(fixed),
      ...others.flatMap((other) => other.paths),
      ...healthPaths(health),
    ].sort(),
  }));
  return (path) => {
    if (Object.hasOwn(fixed, path)) return fixed[path];
    if (path === '/') return index;
    const found = discovery.find(path) ?? healthPage(health, path);
    if (found) return found;
    for (const other of others) {
      const page = other.find(path);
      if (page) return page;
    }
    return undefined;
  };
}
