import type { UserInfo } from '../client/call.ts';
import type { Exchange } from './exchange.ts';
import type { Flow } from './flowcontrol/classifier.ts';
import type { Served } from './registry/served.ts';
import type { RequestInfo } from './request-info.ts';

/** One HTTP request on its way through the filters. Each filter fills in what it finds. */
export class ApiRequest {
  readonly exchange: Exchange;
  /** Shown as Audit-Id and in the log line of an unexpected error. */
  readonly id: string;
  /** Steady time of arrival. */
  readonly since: number;
  info: RequestInfo;
  user: UserInfo;
  /** The resource the path names, when it is served. */
  served: Served | undefined;
  /** The flow schema and priority level it belongs to; undefined for streams, and before they are known. */
  flow: Flow | undefined;
  readonly warnings: string[] = [];

  constructor(exchange: Exchange, id: string, since: number) {
    this.exchange = exchange;
    this.id = id;
    this.since = since;
    this.info = unknownInfo;
    this.user = anonymous;
  }
}

const unknownInfo: RequestInfo = {
  path: '',
  isResource: false,
  verb: '',
  group: '',
  version: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  rest: '',
};

/** Who has shown nothing. */
export const unauthenticatedGroup = 'system:unauthenticated';
export const anonymous: UserInfo = { name: 'system:anonymous', groups: [unauthenticatedGroup] };
/** The group of everyone who has shown something. */
export const authenticatedGroup = 'system:authenticated';
/** The extra by which a credential can be told from others of the same user. Source: apiserver `authentication/user`. */
export const credentialIdKey = 'authentication.kubernetes.io/credential-id';
