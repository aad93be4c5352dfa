import { afterEach, beforeEach, expect, it } from 'vitest';
import { VisitChart } from '../../core/visit/visit.ts';
import type { Alarm } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { minor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { makeVisitRecords } from './stored-records.ts';
import { VisitLoop } from './visit-loop.ts';
import type { VisitRecords } from './visit-records.ts';
import { VisitStore } from './visit-store.ts';

const catalog: Catalog = {
  version: 'v1',
  currency: 'CNY',
  products: [
    { sku: 'COLA', name: { zh: '可乐', en: 'Cola' }, priceMinor: minor(350), weightG: 350, picture: 'cola' },
  ],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'A002', sku: 'COLA' },
  ],
};
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const startGraceMs = 15_000;

let clock: FakeClock;
let alarms: Alarm[];
let loop: VisitLoop;
let records: VisitRecords;
let end: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  clock = new FakeClock();
  const db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  alarms = [];
  records = makeVisitRecords(db, new VisitStore(db, clock), new ChargeStore(db, testLog(db), clock));
  end = () => {
    db.close();
    scratch.remove();
  };
});
afterEach(() => {
  loop.stop();
  end();
});

function startLoop(over: Partial<VisitRecords> = {}): void {
  loop = new VisitLoop({
    chart: new VisitChart(),
    ports: {
      cabinetId: 'S-0001',
      devices: { unlock: () => Promise.resolve(ok({ door: 'closed' })), setPollMode: () => undefined },
      catalog: () => catalog,
      enrolled: () => true,
      canPersistCharges: () => true,
      operatorNowMs: () => null,
      authorise: () => Promise.resolve({ member: { memberId: 'M-1', display: '王*' } }),
      raiseAlarm: (alarm) => alarms.push(alarm),
      chargeSettled: () => undefined,
      random: countedRandom(),
    },
    records: { ...records, ...over },
    clock,
    logger: silent,
  });
  loop.start();
}
const health = (kind: DeviceHealth['kind'], state: DeviceHealth['state'] = 'ready'): DeviceHealth => ({
  ...{ id: kind, kind, state, lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' },
});
const door = (state: 'open' | 'closed'): void => loop.deviceEvent({ type: 'door', door: state, atMs: 0 });
async function startSelling(over: Partial<VisitRecords> = {}): Promise<void> {
  startLoop(over);
  loop.deviceEvent({ type: 'health', devices: [health('lock'), health('tag-reader')] });
  door('closed');
  await clock.advance(startGraceMs + 1_000);
  expect(loop.availability.availability.state).toBe('available');
}
function scan(): void {
  const random = new Uint8Array(10).fill(3);
  const ids = { visitId: makeVisitId(1, random), chargeId: makeChargeId(1, random) };
  loop.dispatch({ type: 'codeScanned', code: 'KM1.x', ...ids });
}
/** The reader hears these tags for so long. */
async function hear(epcs: readonly string[], ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    await clock.advance(50);
    const atMs = clock.monotonicMs();
    loop.deviceEvent({ type: 'tags', reads: epcs.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
  }
}
const said = (): string[] => alarms.map(({ kind, detail }) => `${kind}: ${detail}`);

it('a device host that crashes again and again after a restart in a visit: staff is told in two minutes', async () => {
  await startSelling();
  scan();
  await hear(['A001', 'A002'], 3_000);
  expect(loop.visit.state).toBe('unlocking');
  door('open');
  loop.stop();
  alarms.length = 0;
  startLoop();
  const crash: DeviceEvent[] = [{ type: 'hostStarted' }, { type: 'hostGone' }];
  for (let turn = 0; turn < 20; turn++) {
    for (const event of crash) loop.deviceEvent(event);
    await clock.advance(6_000);
  }
  expect(loop.visit.state).toBe('shopping');
  expect(said()).toEqual(['device_fault: shopping']);
});
