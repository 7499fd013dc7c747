import type { Clock } from '../../base/clock.ts';
import type { TokenAuthenticator } from '../authn/authenticator.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { FlowClassifier } from '../flowcontrol/classifier.ts';
import type { ServedTable } from '../registry/served.ts';
import type { ApiRequest } from '../request.ts';
import { authentication } from './authentication.ts';
import { authorization } from './authorization.ts';
import { deadline } from './deadline.ts';
import type { Filter } from './filter.ts';
import { flowControl } from './flow-control.ts';
import { impersonation } from './impersonation.ts';
import { inFlight } from './in-flight.ts';
import { requestInfoFilter } from './request-info.ts';

export interface ChainParts {
  readonly clock: Clock;
  readonly served: ServedTable;
  readonly authorizer: Authorizer;
  readonly tokens: TokenAuthenticator | undefined;
  readonly flows: FlowClassifier;
  /** Answers a request with an error, whatever became of it meanwhile. */
  readonly fail: (request: ApiRequest, error: unknown) => void;
}

/** The filters in order. Turning the unknown into a 500 is not one of them: `serve` wraps them all. */
export function filterChain(parts: ChainParts): readonly Filter[] {
  return [
    // All others ask what the request is about.
    requestInfoFilter(parts.served),
    // Before anything that may wait.
    deadline(parts.clock, parts.fail),
    authentication(parts.tokens),
    // Needs to know who asks; everything after it sees the impersonated user.
    impersonation(parts.authorizer),
    // Before anything that may refuse: refusals, too, say whose turn it was.
    flowControl(parts.flows),
    // After authentication, so that strangers cannot use up the places.
    inFlight(),
    // Last: nothing about an object is looked at before the user may.
    authorization(parts.authorizer),
  ];
}
