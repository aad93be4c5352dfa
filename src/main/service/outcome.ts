import type { ServiceOutcome } from '../../shared/model/service.ts';

/** What became of an act. */
export interface Outcome {
  readonly outcome: Exclude<ServiceOutcome, 'running'>;
  readonly detail?: string;
  /** The session ends by it, in order; then this is done. */
  readonly onLeft?: () => void;
  /** For the record: how it was before and after. */
  readonly data?: Readonly<Record<string, unknown>>;
}
