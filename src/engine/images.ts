import type { Readable } from 'node:stream';
import { isNotFound } from './errors.ts';
import type { EngineRequests } from './requests.ts';
import { drainProgress } from './streams.ts';
import type { ImageInspect, ImageSummary } from './types.ts';

/** The images of an engine. */
export class EngineImages {
  readonly #requests: EngineRequests;

  constructor(requests: EngineRequests) {
    this.#requests = requests;
  }

  inspect(reference: string, signal?: AbortSignal): Promise<ImageInspect | undefined> {
    return this.#requests.found(this.#requests.json('GET', `/images/${encodeURI(reference)}/json`, {}, signal));
  }

  list(signal?: AbortSignal): Promise<ImageSummary[]> {
    return this.#requests.json('GET', '/images/json', {}, signal);
  }

  /** Makes an image of a root file system archive (tar, gzipped or not). `changes` are Dockerfile lines. */
  async import(
    archive: Readable | Buffer,
    name: { readonly repo: string; readonly tag: string },
    changes: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    const query = { fromSrc: '-', repo: name.repo, tag: name.tag, changes };
    const request = { method: 'POST', path: '/images/create', query, file: archive, signal } as const;
    await drainProgress(await this.#requests.stream(request));
  }

  /** Pulls an image. Errors carry the registry's words. */
  async pull(
    reference: { readonly name: string; readonly tag: string },
    credential: { username: string; password: string; serveraddress: string } | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const request = {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: reference.name, tag: reference.tag },
      ...(credential && { registryAuth: credential }),
      signal,
    } as const;
    await drainProgress(await this.#requests.stream(request));
  }

  async remove(reference: string, signal?: AbortSignal): Promise<void> {
    await this.#requests.unless(
      isNotFound,
      this.#requests.act('DELETE', `/images/${encodeURI(reference)}`, {}, signal),
    );
  }
}
