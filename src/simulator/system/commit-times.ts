import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChargeStore } from '../../main/charges/charge-store.ts';
import { openDatabase } from '../../main/storage/database.ts';
import { VisitStore } from '../../main/visit/visit-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';

/**
 * How long the commit takes that ends a visit (journal row, end of the visit, finalised charge; encrypted, fsync), in
 * ms, `runs` times in a fresh database. For the benchmark.
 */
export function commitTimesMs(runs: number): number[] {
  const dir = mkdtempSync(join(tmpdir(), 'kaimen-bench-'));
  try {
    const keyHex = randomBytes(32).toString('hex');
    const opened = openDatabase({ path: join(dir, 'bench.db'), keyHex, clock: systemClock });
    if (!opened.ok) throw new Error(opened.error.message);
    const database = opened.value;
    const visits = new VisitStore(database, systemClock);
    const charges = new ChargeStore(database, testLog(database), systemClock, systemClock);
    const values: number[] = [];
    for (let i = 0; i < runs; i++) {
      const chargeId = makeChargeId(Date.now(), randomBytes(10));
      const visitId = makeVisitId(Date.now(), randomBytes(10));
      const who = { chargeId, visitId, memberId: 'M-1', cabinetId: 'A-0217', currency: 'CNY' } as const;
      must(charges.open({ ...who, memberDisplay: '王*' }));
      const line = {
        sku: 'cola',
        name: { zh: '可乐', en: 'Cola' },
        unitPriceMinor: minor(350),
        count: 2,
        amountMinor: minor(700),
      };
      const beganMs = performance.now();
      must(
        database.transaction(() => {
          const saved = visits.save(visitId, { state: 'settling', line }, { type: 'finalReading' }, false);
          if (!saved.ok) return saved;
          return charges.finalise(chargeId, {
            ...who,
            lines: [line],
            totalMinor: minor(700),
            heldLines: [],
            review: [],
            confirmedByShopper: true,
            openedAtMs: 1,
            closedAtMs: 2,
          });
        }),
      );
      values.push(performance.now() - beganMs);
    }
    database.close();
    return values;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function must(result: Result<unknown, { code: string }>): void {
  if (!result.ok) throw new Error(result.error.code);
}
