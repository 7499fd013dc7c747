import { jsonValue } from '../base/json-value.ts';

const texts: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** What an answer that is no success means. Source: apimachinery `api/errors.NewGenericServerResponse`. */
export function answerText(code: number, body: string): string {
  const shown = body.trim().slice(0, 1024);
  const status = statusMessage(shown);
  if (status !== undefined) return status;
  if (code === 403 || code === 415) return shown;
  const known = texts[code];
  if (known !== undefined) return known;
  if (code >= 500)
    return `an error on the server (${JSON.stringify(shown || 'unknown')}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

/** The message of a Status, if the body is one. */
function statusMessage(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined;
  const { kind, message } = (jsonValue(body) ?? {}) as { kind?: unknown; message?: unknown };
  return kind === 'Status' && typeof message === 'string' ? message : undefined;
}
