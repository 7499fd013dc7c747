import type { UserInfo } from '../../../client/call.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import { kindOf, nameOf, namespaceOf } from './target.ts';
import { writeOptions } from './write-options.ts';

/**
 * A write in words: `request` of an AdmissionReview less its uid and objects, which is what CEL sees as `request`. `shown` is
 * the version that whoever is asked wants to see. Source: apiserver `admission/plugin/webhook/request/admissionreview.go`.
 */
export function described(request: AdmissionRequest, shown: Served): Record<string, unknown> {
  const { asked, subresource, operation, user, dryRun } = request;
  const name = nameOf(request);
  const namespace = namespaceOf(request);
  const options = writeOptions(request);
  return {
    kind: kindOf(shown, subresource),
    resource: resourceOf(shown),
    ...(subresource && { subResource: subresource }),
    requestKind: kindOf(asked, subresource),
    requestResource: resourceOf(asked),
    ...(subresource && { requestSubResource: subresource }),
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation,
    userInfo: userInfo(user),
    dryRun,
    options: options ?? null,
  };
}

const resourceOf = ({ group, version, resource }: Served) => ({ group, version, resource });

const userInfo = ({ name, uid, groups, extra }: UserInfo) => ({
  ...(name && { username: name }),
  ...(uid && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(extra && Object.keys(extra).length > 0 && { extra }),
});
