import { isNotFound } from './errors.ts';
import type { EngineRequests } from './requests.ts';
import type { Filters } from './types.ts';

/** The volumes of an engine. */
export class EngineVolumes {
  readonly #requests: EngineRequests;

  constructor(requests: EngineRequests) {
    this.#requests = requests;
  }

  async list(filters: Filters, signal?: AbortSignal): Promise<{ Name: string }[]> {
    const query = { filters: JSON.stringify(filters) };
    const answer = await this.#requests.json<{ Volumes: { Name: string }[] | null }>('GET', '/volumes', query, signal);
    return answer.Volumes ?? [];
  }

  async remove(name: string, signal?: AbortSignal): Promise<void> {
    await this.#requests.unless(isNotFound, this.#requests.act('DELETE', `/volumes/${name}`, { force: true }, signal));
  }
}
