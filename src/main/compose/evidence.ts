import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import { EvidenceQueue } from '../evidence/evidence-queue.ts';
import { EvidenceRecorder } from '../evidence/evidence-recorder.ts';
import { EvidenceWishes } from '../evidence/evidence-wishes.ts';
import { retentionJob } from '../retention-job.ts';
import type { KioskPorts } from './kiosk.ts';
import type { MoneyParts } from './money.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';

/** Of an alarm: nothing of what the shelf is seen to do is kept. */
export const evidenceNotOpened = 'evidence_not_opened';

/** Evidence of visits, while its file opens. */
export interface EvidenceParts {
  readonly recorder: EvidenceRecorder;
  readonly queue: EvidenceQueue;
  /** The shopper has reported something of these charges. */
  readonly disputed: (chargeIds: readonly ChargeId[]) => void;
  readonly retention: (operatorNowMs: () => number | null) => BackgroundJob;
}

export function composeEvidence(
  { clock, random, logger }: KioskPorts,
  { evidence: store }: Storage,
  operator: OperatorParts,
  { disputeStore }: MoneyParts,
): EvidenceParts | null {
  if (store === null) return null;
  const { client, link } = operator;
  const queue = new EvidenceQueue({ store, client, link, clock, random: () => random.unit(), logger });
  const recorder = new EvidenceRecorder({
    store,
    clock: operator.clock,
    logger,
    onEnded: () => {
      queue.wake();
    },
  });
  const disputed = (chargeIds: readonly ChargeId[]): void => {
    const noted = store.disputed(chargeIds);
    if (!noted.ok) logger.warn('evidence.dispute_not_noted', { error: noted.error });
    queue.wake();
  };
  // The power may have failed between a report and the note that is made of it here.
  const before = disputeStore.disputedCharges();
  if (before.ok) disputed(before.value);
  const retention = (operatorNowMs: () => number | null): BackgroundJob =>
    retentionJob({
      name: 'evidence_retention',
      forgetOld: (nowMs) => store.forgetOld(nowMs),
      makeRoom: () => store.makeRoom(operator.clock.nowMs()),
      operatorNowMs,
      log: 'evidence',
      logger,
    });
  return { recorder, queue, disputed, retention };
}

/** What the operator wishes of evidence; where its file did not open, that is the answer. */
export function composeEvidenceWishes(
  { clock, logger }: KioskPorts,
  { evidence: store }: Storage,
  { client, link }: OperatorParts,
  evidence: EvidenceParts | null,
): EvidenceWishes {
  return new EvidenceWishes({
    client,
    clock,
    logger,
    wanted: (visitId) => store?.wanted(visitId) ?? ok('not_opened'),
    wake: () => {
      evidence?.queue.wake();
    },
    isOnline: () => link.isOnline(),
  });
}
