import type { ServiceOutcome } from '../../shared/model/service.ts';

/** What became of an act. */
export interface Outcome {
  readonly outcome: Exclude<ServiceOutcome, 'running'>;
  readonly detail?: string;
  /** For the record: how it was before and after. */
  readonly data?: Readonly<Record<string, unknown>>;
}
