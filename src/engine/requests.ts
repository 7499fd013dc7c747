import type { Duplex, Readable } from 'node:stream';
import type { EngineConnection, EngineRequest } from './connection.ts';
import { isNotFound } from './errors.ts';
import { guard } from './streams.ts';

/** The few forms that requests to an engine have. */
export class EngineRequests {
  readonly #connection: EngineConnection;

  constructor(connection: EngineConnection) {
    this.#connection = connection;
  }

  /** A request whose answer is JSON, or nothing. */
  send<T>(request: EngineRequest): Promise<T> {
    return this.#connection.json<T>(request);
  }

  /** A request that turns the connection into a raw two-way stream. */
  async hijack(request: EngineRequest): Promise<Duplex> {
    const socket = await this.#connection.hijack(request);
    guard(socket, undefined);
    return socket;
  }

  /** A request whose answer is a stream, which ends with the signal. */
  async stream(request: EngineRequest): Promise<Readable> {
    const stream = await this.#connection.stream(request);
    guard(stream, request.signal);
    return stream;
  }

  /** The answer to a request without a body. */
  json<T>(method: 'GET' | 'POST', path: string, query: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    return this.#connection.json<T>({ method, path, query, signal });
  }

  /** A request whose answer says nothing. */
  async act(method: 'POST' | 'DELETE', path: string, query: Record<string, unknown>, signal?: AbortSignal) {
    await this.#connection.json({ method, path, query, signal });
  }

  /** The answer, undefined where there is no such thing. */
  async found<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Waits for an answer; a failure that is fine is none. */
  async unless(fine: (error: unknown) => boolean, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      if (!fine(error)) throw error;
    }
  }
}
