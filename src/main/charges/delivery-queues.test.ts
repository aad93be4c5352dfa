import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { fail } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { ChargeStore } from './charge-store.ts';
import { DeliveryQueues } from './delivery-queues.ts';
import { DisputeStore } from './dispute-store.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { VisitClosings } from './visit-closings.ts';

let clock: FakeClock;
let db: Database;
let charges: ChargeStore;
let disputes: DisputeStore;
let queues: DeliveryQueues;
let removeFolder: () => void;
let changes: boolean[];
const refused = (): Promise<never> => Promise.reject(new Error('nothing is due'));

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  charges = new ChargeStore(db, testLog(db), clock, clock);
  disputes = new DisputeStore(db, testLog(db), clock, clock);
  queues = new DeliveryQueues({
    charges,
    disputes,
    closings: new VisitClosings(db, clock, clock),
    client: { putCharge: refused, getCharge: refused, sendDispute: refused, closeVisit: refused },
    link: { onChange: () => () => undefined },
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
  });
  changes = [];
  queues.onCanPersistChanged(() => changes.push(queues.canPersist));
});
afterEach(async () => {
  await queues.stop();
  vi.restoreAllMocks();
  db.close();
  removeFolder();
});

test('before the start nothing is known to be wrong', () => {
  expect(queues.canPersist).toBe(true);
  expect(queues.isSending).toBe(false);
});

test.each([
  ['charges', () => vi.spyOn(charges, 'nextDue')],
  ['disputes', () => vi.spyOn(disputes, 'nextDue')],
] as const)('%s: stopped by the database, and started again until it works', async (_, spyOn) => {
  const read = spyOn().mockReturnValue(fail('storage.io', 'disk full'));
  queues.start();
  await clock.advance(100);
  expect(queues.canPersist).toBe(false);
  await clock.advance(10_000);
  expect(queues.canPersist).toBe(false);
  read.mockRestore();
  await clock.advance(2_500);
  expect(queues.canPersist).toBe(true);
  expect(changes.at(0)).toBe(false);
  expect(changes.at(-1)).toBe(true);
});

test('after the end nothing is started again', async () => {
  vi.spyOn(charges, 'nextDue').mockReturnValue(fail('storage.io', 'disk full'));
  const restart = vi.spyOn(charges, 'recoverSubmitting');
  queues.start();
  await clock.advance(100);
  await queues.stop();
  const { length } = restart.mock.calls;
  await clock.advance(60_000);
  expect(restart.mock.calls).toHaveLength(length);
});
