import type { KubeObject } from '../../api/object.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { Ids } from '../../base/ids.ts';
import { type WebhookClient, WebhookError } from '../webhook/webhook-client.ts';
import { conversionFailure } from './conversion-failure.ts';
import {
  checkConverted,
  convertedObjects,
  kindText,
  ReviewError,
  reviewRequest,
  reviewVersion,
} from './conversion-review.ts';
import type { Convert } from './forms.ts';

/** Source: apiextensions has no time limit of its own, so that of every webhook holds. */
const timeoutSeconds = 30;

/** Conversion by the webhook of a definition; undefined where it names none. Many objects make one review. */
export function webhookConversion(crd: CustomResourceDefinition, client: WebhookClient, ids: Ids): Convert | undefined {
  const { conversion, names } = crd.spec;
  if (conversion?.strategy !== 'Webhook') return undefined;
  const { clientConfig = {}, conversionReviewVersions = [] } = conversion.webhook ?? {};
  return async (objects, apiVersion) => {
    const version = reviewVersion(conversionReviewVersions);
    if (version === undefined) throw conversionFailure('no supported conversion review versions');
    const isList = objects.length > 1;
    const from = objects[0]!.apiVersion;
    const subject = isList ? kindText(apiVersion, names.listKind) : kindText(from, objects[0]!.kind);
    const about = `conversion webhook for ${subject}`;
    const uid = ids.uid();
    try {
      const request = reviewRequest(version, uid, apiVersion, objects);
      const answer = await client.post(clientConfig, request, timeoutSeconds);
      const converted = convertedObjects(answer, version, uid);
      if (converted.length !== objects.length)
        throw conversionFailure(`${about} returned ${converted.length} objects, expected ${objects.length}`);
      return objects.map((object, i) => checked(about, object, converted[i], apiVersion, isList ? i : undefined));
    } catch (error) {
      if (error instanceof WebhookError || error instanceof ReviewError)
        throw conversionFailure(`${about} failed: ${error.message}`);
      throw error;
    }
  };
}

function checked(about: string, original: KubeObject, converted: unknown, apiVersion: string, index?: number) {
  const where =
    index === undefined
      ? { object: 'object', metadata: 'metadata' }
      : { object: `converted object at index ${index}`, metadata: `metadata in object at index ${index}` };
  try {
    return checkConverted(original, converted, apiVersion, where);
  } catch (error) {
    if (error instanceof ReviewError) throw conversionFailure(`${about} ${error.message}`);
    throw error;
  }
}
