import type { FlowSchema } from '../../api/types/flowcontrol-v1.gen.ts';

const precedenceOf = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 0;

/** The order in which a request is held against flow schemas. Source: apiserver util/apihelpers, FlowSchemaSequence. */
export const byPrecedence = (a: FlowSchema, b: FlowSchema): number =>
  precedenceOf(a) - precedenceOf(b) || (a.metadata.name! < b.metadata.name! ? -1 : 1);
