import { afterEach, describe, expect, it } from 'vitest';
import type { Bill } from '../../core/basket/basket.ts';
import { FakeClock } from '../../shared/clock.ts';
import { zeroMinor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';
import { LostReadings, heardAgainMs } from './lost-readings.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

async function makeRig(): Promise<CabinetRig> {
  const rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95, ids: ['tag-reader-1'] });
  rigs.push(rig);
  rig.start();
  await rig.run(60_000);
  return rig;
}
function setReader(rig: CabinetRig, state: 'silent' | 'ready'): void {
  for (const reader of rig.readers) reader.state = state;
  rig.health();
}
/** Somebody opens the door and shuts it; the reader may be silent meanwhile. */
async function visit(rig: CabinetRig, { isLost = false, isOpened = true } = {}): Promise<void> {
  await rig.run(20_000, () => rig.loop.visit.state === 'attract');
  if (!(await rig.scan())) throw new Error(`nobody is let in: ${rig.loop.visit.state}`);
  if (isOpened) rig.door('open');
  if (isLost) setReader(rig, 'silent');
  await rig.run(2_000);
  rig.door('closed');
  await rig.run(60_000, () => ['receipt', 'nothingCharged'].includes(rig.loop.visit.state));
  setReader(rig, 'ready');
  await rig.run(20_000, () => ['attract', 'outOfService'].includes(rig.loop.visit.state));
}
const isOut = ({ loop: { availability } }: CabinetRig): boolean =>
  availability.availability.state === 'outOfService';
const told = (rig: CabinetRig): string[] => rig.alarms.filter((alarm) => alarm.includes('in a row'));

describe('visits without a final reading', () => {
  it('two in a row: out of service, and staff is told what the reader said', async () => {
    const rig = await makeRig();
    await visit(rig, { isLost: true });
    expect([isOut(rig), told(rig)]).toEqual([false, []]);
    await visit(rig, { isLost: true });
    expect([isOut(rig), told(rig)]).toEqual([
      true,
      ['device_fault out of service: no final reading in visits in a row; tag-reader-1: silent'],
    ]);
    expect(rig.loop.deviceTrouble).toEqual({ kind: 'tag-reader', code: 'fault.unreadable' });
    await rig.run(heardAgainMs / 2);
    expect(isOut(rig)).toBe(true);
    await rig.run(heardAgainMs);
    expect(isOut(rig)).toBe(false);
  });

  it('heard again behind a shut door, it is on trial: the next is enough, a good one ends it', async () => {
    const rig = await makeRig();
    for (let i = 0; i < 2; i++) await visit(rig, { isLost: true });
    await rig.run(heardAgainMs + 5_000);
    await visit(rig, { isLost: true });
    expect([isOut(rig), told(rig).length]).toEqual([true, 2]);
    await rig.run(heardAgainMs + 5_000);
    await visit(rig);
    await visit(rig, { isLost: true });
    expect([isOut(rig), told(rig).length]).toEqual([false, 2]);
  });

  it('a good reading between them ends the row; a door that nobody opened says nothing', async () => {
    const rig = await makeRig();
    for (let i = 0; i < 3; i++) {
      await visit(rig, { isLost: true });
      await visit(rig);
    }
    expect(told(rig)).toEqual([]);
    await visit(rig, { isLost: true });
    await visit(rig, { isOpened: false });
    await visit(rig, { isLost: true });
    expect([isOut(rig), told(rig).length]).toEqual([true, 1]);
  });

  it('a break in what is heard begins the minute anew', async () => {
    const rig = await makeRig();
    for (let i = 0; i < 2; i++) await visit(rig, { isLost: true });
    for (let i = 0; i < 4; i++) {
      await rig.run(heardAgainMs / 2);
      setReader(rig, 'silent');
      await rig.run(1_000);
      setReader(rig, 'ready');
    }
    expect(isOut(rig)).toBe(true);
  });

  it('is kept over a restart, from the first moment on', async () => {
    const rig = await makeRig();
    await visit(rig, { isLost: true });
    await rig.restart(1_000, () => undefined, 'closed');
    await rig.run(20_000);
    await visit(rig, { isLost: true });
    expect(isOut(rig)).toBe(true);
    await rig.restart(1_000, () => undefined, 'closed');
    await rig.run(1_000);
    expect(isOut(rig)).toBe(true);
    await rig.run(heardAgainMs + 5_000);
    expect(isOut(rig)).toBe(false);
  });

  it('what the reader said is told, though the disk refuses the bill at first', () => {
    const undos: (() => void)[] = [];
    const lost = new LostReadings({
      records: {
        ifUndone: (undo) => undos.push(undo),
        lostReadings: { load: () => ok(null), keep: () => ok() },
      },
      clock: new FakeClock(),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    const bill: Bill = {
      lines: [],
      heldLines: [],
      totalMinor: zeroMinor,
      review: ['recognition.reader_lost'],
    };
    lost.note(bill);
    undos.splice(0);
    const health = { id: 'tag-reader-1', kind: 'tag-reader', state: 'silent', lastSeenMs: 0 } as const;
    lost.observe([{ ...health, errorCount: 0, resetCount: 0, detail: '' }]);
    const told = lost.note(bill);
    expect(told).toContain('tag-reader-1: silent');
    for (const undo of undos.reverse()) undo();
    expect(lost.isOut).toBe(false);
    expect(lost.note(bill)).toBe(told);
  });
});
