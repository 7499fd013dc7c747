import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors } from '../../api/names.ts';
import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  WebhookClientConfig,
} from '../../api/types/apiextensions-v1.gen.ts';
import { oneOf } from '../rules/check.ts';
import { caBundle, caBundleFailure, webhookService, webhookUrl } from '../rules/webhook-client.ts';

/** How versions are converted. Paths are those of upstream's internal form. Source: validateCustomResourceConversion. */

const strategies = ['None', 'Webhook'];
const reviewVersions = ['v1', 'v1beta1'];

export interface ConversionLeniency {
  /** Whether one of the review versions must be one that the server speaks. */
  readonly requireRecognizedReviewVersion: boolean;
  readonly allowInvalidCaBundle: boolean;
}

/** What an update may leave as it was. */
export function conversionLeniency(old: CustomResourceDefinition, established: boolean): ConversionLeniency {
  const webhook = old.spec.conversion?.webhook;
  const versions = webhook?.conversionReviewVersions ?? [];
  const bundle = webhook?.clientConfig?.caBundle;
  return {
    requireRecognizedReviewVersion: versions.length === 0 || versions.some((v) => reviewVersions.includes(v)),
    allowInvalidCaBundle: !established || (!!bundle && caBundleFailure(bundle) !== ''),
  };
}

function clientConfig(errors: ErrorList, path: FieldPath, config: WebhookClientConfig, anyBundle: boolean): void {
  if ((config.url === undefined) === (config.service === undefined))
    errors.required(path, 'exactly one of url or service is required');
  else if (config.url !== undefined) webhookUrl(errors, path.child('url'), config.url);
  else webhookService(errors, path.child('service'), config.service!);
  if (config.caBundle && !anyBundle) caBundle(errors, path.child('caBundle'), config.caBundle);
}

function versions(errors: ErrorList, path: FieldPath, list: readonly string[], requireRecognized: boolean): void {
  if (list.length === 0) {
    errors.required(path);
    return;
  }
  for (const [i, version] of list.entries()) {
    if (list.indexOf(version) < i) errors.invalid(path.index(i), version, 'duplicate version');
    else for (const text of dns1035LabelErrors(version)) errors.invalid(path.index(i), version, text);
  }
  if (requireRecognized && !list.some((version) => reviewVersions.includes(version)))
    errors.invalid(path, list, `must include at least one of ${reviewVersions.join(', ')}`);
}

export function validateConversion(
  errors: ErrorList,
  path: FieldPath,
  conversion: CustomResourceConversion | undefined,
  leniency: ConversionLeniency,
): void {
  if (!conversion) return;
  oneOf(errors, path.child('strategy'), conversion.strategy, strategies);
  const client = path.child('webhookClientConfig');
  const reviews = path.child('conversionReviewVersions');
  const config = conversion.webhook?.clientConfig;
  const list = conversion.webhook?.conversionReviewVersions ?? [];
  if (conversion.strategy === 'Webhook') {
    if (config) clientConfig(errors, client, config, leniency.allowInvalidCaBundle);
    else errors.required(client, 'required when strategy is set to Webhook');
    versions(errors, reviews, list, leniency.requireRecognizedReviewVersion);
    return;
  }
  const unwanted = 'should not be set when strategy is not set to Webhook';
  if (config) errors.forbidden(client, unwanted);
  if (list.length) errors.forbidden(reviews, unwanted);
}
