import type { KubeObject } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import type { TokenReview } from '../../api/types/authentication-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import type { TokenAuthenticator } from '../authn/authenticator.ts';
import type { VirtualHandlers } from '../registry/execute.ts';

/** SelfSubjectReview (`kubectl auth whoami`) and TokenReview. */
export function identityReviews(tokens: TokenAuthenticator | undefined): VirtualHandlers {
  return {
    'selfsubjectreviews.authentication.k8s.io': ({ clock }, op) => ({
      as: 'object',
      code: 201,
      object: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { creationTimestamp: timestamp(clock.wall()) },
        status: { userInfo: userInfo(op.user) },
      } as unknown as KubeObject,
    }),
    'tokenreviews.authentication.k8s.io': async (_registry, op) => {
      const spec = (op.object as unknown as TokenReview | undefined)?.spec;
      if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
      const asked = spec.audiences?.length ? spec.audiences : undefined;
      const found = await tokens?.authenticate(spec.token, asked);
      const status = found
        ? { authenticated: true, user: userInfo(found.user), audiences: found.audiences }
        : { user: {}, error: 'invalid bearer token' };
      const object = {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        spec,
        status,
      } as unknown as KubeObject;
      return { as: 'object', code: 201, object };
    },
  };
}

const userInfo = (user: UserInfo) => ({
  username: user.name,
  ...(user.uid && { uid: user.uid }),
  groups: user.groups,
  ...(user.extra && { extra: user.extra }),
});
