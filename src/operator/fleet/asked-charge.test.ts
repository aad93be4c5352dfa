import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { askOfficeAlarm, askedIn } from '../../shared/api/asked-charge.ts';
import { newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { incident } from '../storage/schema.ts';

onStorage('a charge that is asked about at its cabinet', (harness) => {
  it('waits for people once, however often that arrives; nothing else becomes of it', async () => {
    const operator = harness();
    const nowMs = operator.clock.nowMs();
    const [chargeId, visitId] = [newChargeId(nowMs), newVisitId(nowMs)];
    const asked = { chargeId, visitId, why: 'goods_wrong', by: '7001', atMs: nowMs } as const;
    for (let i = 0; i < 3; i++)
      expect((await operator.send('POST', '/v1/alarms', askOfficeAlarm(asked))).status).toBe(204);
    const listed = await operator.db.select().from(incident).where(eq(incident.kind, 'charge_asked'));
    expect(listed).toMatchObject([
      { chargeId, cabinetId: operator.cabinet.cabinetId, detail: 'goods_wrong, by 7001', resolvedAtMs: null },
    ]);
  });

  it('is told from other alarms, also one that waited and was raised twice', () => {
    const nowMs = 1;
    const [chargeId, visitId] = [newChargeId(nowMs), newVisitId(nowMs)];
    const { detail } = askOfficeAlarm({ chargeId, visitId, why: 'goods_back', by: '7001', atMs: nowMs });
    expect(askedIn(detail)).toEqual({ chargeId, why: 'goods_back', by: '7001' });
    expect(askedIn(`${detail} (×2)`)).toEqual({ chargeId, why: 'goods_back', by: '7001' });
    for (const other of [
      'charge_asked:',
      `charge_asked: ${chargeId} because 7001`,
      `charge_asked: ${chargeId} goods_back Li`,
      'charge_asked: X goods_back 7001',
      'reader_lost',
    ])
      expect(askedIn(other)).toBeNull();
  });
});
