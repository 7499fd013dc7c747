import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { ageColumn, firstOf, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import {
  endpointSliceDefaults,
  endpointSliceWarnings,
  prepareEndpointSlice,
  prepareEndpointSliceUpdate,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from './endpoint-slice-rules.ts';

const portText = (port: { readonly name?: string; readonly port?: number }): string =>
  port.port === undefined ? (port.name ?? '*') : String(port.port);

export const endpointSlice = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  kind: 'EndpointSlice',
  generation: true,
  defaults: endpointSliceDefaults,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  prepareCreate: prepareEndpointSlice,
  prepareUpdate: prepareEndpointSliceUpdate,
  warnings: endpointSliceWarnings,
  columns: [
    nameColumn,
    text('AddressType', (object) => object.addressType),
    text('Ports', (object) => firstOf((object.ports ?? []).map(portText), 3) || '<unset>'),
    text(
      'Endpoints',
      (object) =>
        firstOf(
          (object.endpoints ?? []).flatMap((e) => e.addresses),
          3,
        ) || '<unset>',
    ),
    ageColumn,
  ],
});
