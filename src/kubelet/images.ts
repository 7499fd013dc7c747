import type { Clock } from '../base/clock.ts';
import { ImageError, type ImageInfo, type Images, type RegistryCredential } from '../node/runtime.ts';
import { goDuration } from './pod-worker/restart.ts';
import type { Container } from './types.ts';

/** Tells of an event about a container. */
export type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** Why a container has no image yet: its waiting reason and text, and when to try again (steady milliseconds). */
export class ImageHold extends Error {
  readonly reason: string;
  readonly until: number;
  constructor(reason: string, message: string, until: number) {
    super(message);
    this.name = 'ImageHold';
    this.reason = reason;
    this.until = until;
  }
}

const initialBackoff = 10_000;
const maxBackoff = 300_000;
/** How long ErrImagePull is shown before it becomes ImagePullBackOff. */
const failureShown = 2_000;
/** A policy or name that cannot work is looked at again this often: somebody may load the image. */
const recheck = 10_000;

interface Backoff {
  readonly delay: number;
  readonly until: number;
  readonly cause: string;
  readonly told: boolean;
}

/** A reference Docker would understand: lower-case path, optional tag, optional digest. */
const reference =
  /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** Finds or pulls images by policy, with a back-off per pod and image. Texts are kubelet's. */
export class ImageManager {
  readonly #images: Images;
  readonly #clock: Clock;
  readonly #backoffs = new Map<string, Backoff>();

  constructor(images: Images, clock: Clock) {
    this.#images = images;
    this.#clock = clock;
  }

  /** The image of a container. Throws `ImageHold` when it must wait. */
  async ensure(
    podUid: string,
    container: Container,
    credentials: () => Promise<readonly RegistryCredential[]>,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<ImageInfo> {
    const image = container.image ?? '';
    const policy = container.imagePullPolicy ?? (isLatest(image) ? 'Always' : 'IfNotPresent');
    const now = this.#clock.steady();
    if (!reference.test(image)) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      tell('Warning', 'InspectFailed', message);
      throw this.#failed(tell, 'InvalidImageName', message, now + recheck);
    }
    const present = await this.#images.find(image, signal);
    if (present && policy !== 'Always') {
      tell('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      throw this.#failed(tell, 'ErrImageNeverPull', message, now + recheck);
    }
    const key = `${podUid}_${image}`;
    this.#checkBackoff(key, image, tell);
    return this.#pull(key, image, await credentials(), tell, signal);
  }

  /** Forgets the back-offs of a pod. */
  forget(podUid: string): void {
    for (const key of this.#backoffs.keys()) if (key.startsWith(`${podUid}_`)) this.#backoffs.delete(key);
  }

  #checkBackoff(key: string, image: string, tell: Tell): void {
    const backoff = this.#backoffs.get(key);
    if (!backoff || backoff.until <= this.#clock.steady()) return;
    const message = `Back-off pulling image "${image}"`;
    const text = `${message}: ${backoff.cause}`;
    if (backoff.told) throw new ImageHold('ImagePullBackOff', text, backoff.until);
    this.#backoffs.set(key, { ...backoff, told: true });
    tell('Normal', 'BackOff', message);
    throw this.#failed(tell, 'ImagePullBackOff', text, backoff.until);
  }

  async #pull(
    key: string,
    image: string,
    credentials: readonly RegistryCredential[],
    tell: Tell,
    signal: AbortSignal,
  ): Promise<ImageInfo> {
    tell('Normal', 'Pulling', `Pulling image "${image}"`);
    const began = this.#clock.steady();
    try {
      const info = await this.#images.pull(image, credentials, signal);
      const took = duration(this.#clock.steady() - began);
      const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${info.sizeBytes} bytes.`;
      tell('Normal', 'Pulled', text);
      this.#backoffs.delete(key);
      return info;
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
      tell('Warning', 'Failed', `Failed to pull image "${image}": ${why}`);
      const now = this.#clock.steady();
      const before = this.#backoffs.get(key);
      // A failure long after the last one begins anew.
      const fresh = !before || now - before.until > 2 * maxBackoff;
      const delay = fresh ? initialBackoff : Math.min(before.delay * 2, maxBackoff);
      this.#backoffs.set(key, { delay, until: now + delay, cause: `${reason}: ${why}`, told: false });
      throw this.#failed(tell, reason, why, now + failureShown);
    }
  }

  #failed(tell: Tell, reason: string, message: string, until: number): ImageHold {
    tell('Warning', 'Failed', `Error: ${reason}`);
    return new ImageHold(reason, message, until);
  }
}

/** Without a policy, an untagged or :latest image is pulled every time. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') || last.endsWith(':latest');
}

/** As Go prints a duration rounded to milliseconds: "512ms", "1.204s", "1m5s". */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return ms < 60_000 ? `${Number((ms / 1000).toFixed(3))}s` : goDuration(ms);
}
