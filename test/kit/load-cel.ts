import { cel } from '../../src/api/cel/cel.ts';

/** Unit tests call rules directly, without the registry that loads CEL for them. */
await cel.ready();
