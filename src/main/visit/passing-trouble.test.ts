import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';

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
function setReader(rig: CabinetRig, state: 'silent' | 'ready' | 'error'): void {
  for (const reader of rig.readers) reader.state = state;
  rig.health();
}
/** The door is opened and shut; the reader is silent meanwhile. */
async function lostVisit(rig: CabinetRig): Promise<void> {
  rig.door('open');
  setReader(rig, 'silent');
  await rig.run(2_000);
  rig.door('closed');
  await rig.run(60_000, () => ['receipt', 'nothingCharged'].includes(rig.loop.visit.state));
  setReader(rig, 'ready');
}

describe('who scans while the receipt of the one before still stands', () => {
  it('is not let in where two visits in a row had no final reading', async () => {
    const rig = await makeRig();
    for (let i = 0; i < 2; i++) {
      await rig.run(20_000, () => rig.loop.visit.state === 'attract');
      expect(await rig.scan()).toBe(true);
      await lostVisit(rig);
    }
    await rig.run(1_000);
    expect(await rig.scan()).toBe(false);
  });

  it('is not let in while the reader says that it is an error, though it is heard', async () => {
    const rig = await makeRig();
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(2_000);
    await rig.shut();
    // As a reader that could not read in the visit: it is heard, and calls itself an error.
    rig.health = () => undefined;
    const same = { lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' };
    rig.loop.deviceEvent({
      type: 'health',
      devices: [
        { ...same, id: 'lock', kind: 'lock', state: 'ready' },
        { ...same, id: 'tag-reader-1', kind: 'tag-reader', state: 'error', fault: 'fault.unreadable' },
      ],
    });
    await rig.run(500);
    expect(await rig.scan()).toBe(false);
  });
});
