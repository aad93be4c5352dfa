import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { makeVisitId } from '../shared/ids.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { sellAndPay } from '../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../testkit/main/storage/scratch.ts';
import { unwrap } from '../testkit/unwrap.ts';
import { ChargeChain } from './charges/charge-chain.ts';
import { ChargeLog } from './charges/charge-log.ts';
import { chargeKeptMs, chargeRetention } from './charges/charge-retention.ts';
import { ChargeStore } from './charges/charge-store.ts';
import { operatorClock } from './operator/operator-clock.ts';
import { journalRetention } from './visit/journal-retention.ts';
import { VisitStore, journalKeptMs } from './visit/visit-store.ts';

const dayMs = 86_400_000;

/** No battery for the clock: it begins at the same date each morning, years ago or a month. One visit and one charge a day. */
test.each([3650, 30])(
  'a clock that begins at the same date each morning, at first %d days ago: journals and charges go in time',
  (behindDays) => {
    const scratch = makeScratchFolder();
    const firstMs = 1_767_225_600_000;
    const clock = new FakeClock(firstMs - behindDays * dayMs);
    let day = 0;
    const operatorNowMs = (): number => firstMs + day * dayMs;
    const told = operatorClock(clock, operatorNowMs);
    const db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
    const chain = new ChargeChain(db, testChainKey);
    const charges = new ChargeStore(db, new ChargeLog(chain), told);
    const visits = new VisitStore(db, clock, told);
    const count = (what: string): unknown =>
      unwrap(db.read(() => db.prepare(`SELECT COUNT(*) AS n FROM ${what}`).first()))?.['n'];
    const lastSeq = (): number =>
      Number(unwrap(db.read(() => db.prepare('SELECT MAX(seq) AS n FROM charge_event').first()))?.['n']);
    const jobs = [
      chargeRetention({ db, chain, wholeSeq: lastSeq, operatorNowMs, logger: silentLogger }),
      journalRetention(visits, operatorNowMs, silentLogger),
    ];
    const [journalDays, chargeDays] = [journalKeptMs / dayMs, chargeKeptMs / dayMs];
    for (; day < 430; day++) {
      const visitId = makeVisitId(told.nowMs(), new Uint8Array(10).fill(1));
      unwrap(visits.save(visitId, {}, { type: 'x' }, false));
      sellAndPay(charges, day, told.nowMs());
      chain.acknowledged(lastSeq());
      for (const job of jobs) void job.run();
      if (day === journalDays - 1) expect(count('visit_event')).toBe(journalDays);
      if (day === chargeDays - 1) expect(count('charge')).toBe(chargeDays);
    }
    // A fortieth of the time longer at most (record-ages.ts).
    expect(count('visit_event')).toBeLessThanOrEqual(journalDays * (1 + 1 / 40) + 1);
    expect(count('visit')).toBe(count('visit_event'));
    expect(count('charge')).toBeLessThanOrEqual(chargeDays * (1 + 1 / 40) + 1);
    db.close();
    scratch.remove();
  },
);
