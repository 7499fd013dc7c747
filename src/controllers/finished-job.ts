import type { Job, JobCondition } from '../api/types/batch-v1.gen.ts';

/** How the job has ended, undefined while it has not. */
export const finalCondition = ({ status }: Job): JobCondition | undefined =>
  status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');
