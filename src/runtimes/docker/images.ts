import type { Engine } from '../../engine/engine.ts';
import { EngineError } from '../../engine/errors.ts';
import type { ImageInspect, ImageSummary } from '../../engine/types.ts';
import { ImageError, type ImageInfo, type Images, type RegistryCredential } from '../../node/runtime.ts';

/** An image reference in parts, as the engine wants them. */
export interface Reference {
  /** Host of the registry; docker.io where none is named. */
  readonly registry: string;
  /** Everything before tag or digest. */
  readonly name: string;
  /** A tag, or a digest "sha256:…"; "latest" where none is named. */
  readonly tag: string;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const referenceForm = new RegExp(
  `^(${host}/)?(${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]{32,}))?$`,
);

/** Splits an image reference; undefined when it is none. */
export function parseReference(text: string): Reference | undefined {
  if (text.length > 4096) return undefined;
  const found = referenceForm.exec(text);
  if (!found) return undefined;
  const [, first, rest = '', tag, digest] = found;
  const prefix = first?.slice(0, -1);
  // "library/web" names no registry: a registry has a dot, a port, or is localhost.
  const isRegistry = prefix !== undefined && (/[.:[]/.test(prefix) || prefix === 'localhost');
  if (prefix !== undefined && !isRegistry && !new RegExp(`^${component}$`).test(prefix)) return undefined;
  return {
    registry: isRegistry ? prefix : 'docker.io',
    name: prefix === undefined ? rest : `${prefix}/${rest}`,
    tag: digest ?? tag ?? 'latest',
  };
}

/** Images of the engine that runs the pods: one that was built on the host is simply there. */
export class DockerImages implements Images {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async find(reference: string, signal: AbortSignal): Promise<ImageInfo | undefined> {
    if (!/^sha256:[0-9a-f]{64}$/.test(reference) && !parseReference(reference)) throw invalidName(reference);
    const found = await this.#engine.images.inspect(reference, signal);
    return found && imageInfo(found);
  }

  async pull(reference: string, credentials: readonly RegistryCredential[], signal: AbortSignal): Promise<ImageInfo> {
    const parsed = parseReference(reference);
    if (!parsed) throw invalidName(reference);
    const fitting = credentials.filter((credential) => registryOf(credential.server) === parsed.registry);
    const tries = fitting.length > 0 ? fitting : [undefined];
    let failure: unknown;
    for (const credential of tries) {
      const auth = credential && {
        username: credential.username,
        password: credential.password,
        serveraddress: credential.server,
      };
      try {
        await this.#engine.images.pull(parsed, auth, signal);
        const found = await this.#engine.images.inspect(reference, signal);
        if (found) return imageInfo(found);
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    const said = failure instanceof EngineError ? failure.message : String((failure as Error | undefined)?.message);
    throw new ImageError('ErrImagePull', `failed to pull image "${reference}": ${said}`, failure);
  }

  async list(signal: AbortSignal): Promise<readonly ImageInfo[]> {
    return (await this.#engine.images.list(signal)).map(summaryInfo);
  }
}

function invalidName(reference: string): ImageError {
  return new ImageError(
    'InvalidImageName',
    `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`,
  );
}

/** The host of a registry credential's server, which may be a URL. */
function registryOf(server: string): string {
  const name = server.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return name === 'index.docker.io' || name === 'registry-1.docker.io' ? 'docker.io' : name;
}

function namesOf(image: { RepoTags: string[] | null; RepoDigests: string[] | null }): string[] {
  return [...(image.RepoDigests ?? []), ...(image.RepoTags ?? [])].filter((name) => !name.includes('<none>'));
}

function imageInfo(image: ImageInspect): ImageInfo {
  return {
    id: image.Id,
    names: namesOf(image),
    sizeBytes: image.Size,
    user: image.Config?.User ?? '',
    entrypoint: image.Config?.Entrypoint ?? [],
    command: image.Config?.Cmd ?? [],
    ...(image.Config?.StopSignal && { stopSignal: image.Config.StopSignal }),
  };
}

function summaryInfo(image: ImageSummary): ImageInfo {
  const unknown = { user: '', entrypoint: [], command: [] };
  return { id: image.Id, names: namesOf(image), sizeBytes: image.Size, ...unknown };
}
