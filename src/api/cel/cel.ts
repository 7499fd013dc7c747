import { Late } from '../../base/late.ts';

/**
 * The engine, loaded with the first expression: it costs some 20 ms, and most clusters start without one. Resources whose
 * rules have expressions say so by `Resource.loads`, so rules may use it without waiting.
 */
export const cel = new Late('CEL', () => import('./engine.ts'));
