import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { sellAndPay } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ChargeChain } from './charge-chain.ts';
import { ChargeLog } from './charge-log.ts';
import { chargeRetention } from './charge-retention.ts';
import { ChargeStore } from './charge-store.ts';

/** A dead clock battery: the cabinet begins in the year before last, sells for a day, and is set right. */
test('a charge of yesterday is kept for 400 days, whatever the cabinet’s clock said then', () => {
  const scratch = makeScratchFolder();
  const trueMs = 1_767_225_600_000;
  const clock = new FakeClock(trueMs - 500 * 86_400_000);
  const db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  const chain = new ChargeChain(db, testChainKey);
  const charges = new ChargeStore(db, new ChargeLog(chain), clock, clock);
  const lastSeq = (): number =>
    Number(
      unwrap(db.read(() => db.prepare('SELECT MAX(seq) AS seq FROM charge_event').first()))?.['seq'] ?? 0,
    );
  const buy = (number: number) => sellAndPay(charges, number, clock.nowMs());
  const yesterday = buy(1);
  clock.jumpWall(500 * 86_400_000 + 86_400_000);
  buy(2);
  chain.acknowledged(lastSeq());
  buy(3);
  chargeRetention({
    db,
    chain,
    wholeSeq: lastSeq,
    operatorNowMs: () => trueMs + 86_400_000,
    logger: silentLogger,
  }).run();
  expect(charges.get(yesterday).ok).toBe(true);
  db.close();
  scratch.remove();
});
