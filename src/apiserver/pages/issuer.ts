import type { KeyObject } from 'node:crypto';
import { issuerConfiguration, issuerPaths, keySet } from '../../pki/issuer-documents.ts';
import { respond } from '../respond.ts';
import type { Page } from '../serve.ts';
import { jsonPage } from './pages.ts';

/** Who issues tokens, and by which keys they are checked. */
export interface TokenIssuer {
  readonly key: KeyObject;
  readonly formerKeys?: readonly KeyObject[];
  readonly issuer: string;
}

/** The issuer's documents, by which others check our tokens. */
export function issuerPages({ key, formerKeys, issuer }: TokenIssuer): Record<string, Page> {
  const { configuration, keys } = issuerPaths;
  return {
    [configuration.path]: jsonPage(() => issuerConfiguration(issuer, `${issuer}${keys.path}`)),
    [keys.path]: (request) =>
      respond(request, 200, keys.contentType, JSON.stringify(keySet([key, ...(formerKeys ?? [])]))),
  };
}
