import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { Cabinet, assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { keepFace, must, openVault } from '../../testkit/main/face/people.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { FaceVault } from '../face/face-vault.ts';
import type { StorageFailure } from '../storage/database.ts';
import { faceTraces } from './face-traces.ts';
import { VisitStore } from './visit-store.ts';

let clock: FakeClock;
let cabinet: Cabinet;
let store: VisitStore;
let vault: FaceVault;
let removeFolder: () => void;
let number = 0;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  const network = new FaultyNetwork(clock, new StubOperator());
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network });
  store = new VisitStore(cabinet.db, clock);
  vault = openVault(scratch.path, clock, silentLogger);
  keepFace(vault, 0, clock.nowMs());
});
afterEach(() => {
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  vault.close();
  removeFolder();
});

/** A visit as the loop puts it on record, with a charge that waits to be sent. */
async function visit(by: 'face' | 'code', memberId: string, active = false): Promise<string> {
  await clock.advance(60_000);
  const { body } = sale(++number, 500, clock.nowMs());
  const { visitId, chargeId } = body;
  const state = (recognisedMemberId: string | null, name: string) => ({
    state: name,
    context: { recognisedMemberId },
  });
  const recognised = by === 'face' ? memberId : null;
  assertOk(store.save(visitId, {}, { type: 'started', ...state(null, `identifyingBy${by}`) }, false));
  const began = by === 'face' ? { type: 'faceAccepted', memberId } : { type: 'codeScanned', code: 'KM' };
  assertOk(store.save(visitId, state(recognised, 'authorising'), began, false));
  assertOk(
    store.save(
      visitId,
      state(recognised, 'shopping'),
      { type: 'authorised', member: { memberId } } as never,
      active,
    ),
  );
  cabinet.sellBody({ ...body, chargeId, memberId });
  assertOk(store.save(visitId, state(recognised, 'receipt'), { type: 'door' }, active));
  return visitId;
}
const run = () => faceTraces(store, vault, silentLogger).run();
const entriesOf = (visitId: string) => assertOk(store.journal(visitId)).map(({ type }) => type);
const whole = (by: 'face' | 'code') => [
  'started',
  by === 'face' ? 'faceAccepted' : 'codeScanned',
  'authorised',
  'door',
];
/** All that the tables of visits hold, as text. */
const recorded = () =>
  JSON.stringify([
    assertOk(store.list()),
    ...assertOk(store.list()).map((one) => assertOk(store.journal(one.visitId))),
  ]);

test('while the face is kept, nothing is forgotten', async () => {
  const visitId = await visit('face', 'M0');
  expect(run()).toBeUndefined();
  expect(entriesOf(visitId)).toEqual(whole('face'));
});

test('with the face goes how the visits of its member began, by face or by code; the purchase stays', async () => {
  const [byFace, byCode] = [await visit('face', 'M0'), await visit('code', 'M0')];
  const other = await visit('code', 'M1');
  must(vault.withdraw('M0', clock.nowMs()));
  run();
  for (const visitId of [byFace, byCode]) expect(entriesOf(visitId)).toEqual(['authorised', 'door']);
  expect(entriesOf(other)).toEqual(whole('code'));
  expect(recorded()).not.toMatch(/faceAccepted|identifyingByface|recognisedMemberId":"/);
  expect(assertOk(cabinet.store.unsettledSummary())).toMatchObject({ count: 3, sumMinor: 1500 });
  // What comes later is on record as ever.
  expect(entriesOf(await visit('code', 'M0'))).toEqual(whole('code'));
  run();
  expect(recorded().match(/codeScanned/g)).toHaveLength(2);
});

test('a face that expired or that is enrolled anew counts as gone for the visits of before', async () => {
  const before = await visit('face', 'M0');
  must(vault.withdraw('M0', clock.nowMs()));
  await clock.advance(60_000);
  keepFace(vault, 0, clock.nowMs());
  const after = await visit('face', 'M0');
  run();
  expect(entriesOf(before)).toEqual(['authorised', 'door']);
  expect(entriesOf(after)).toEqual(whole('face'));
});

test('a visit that is under way is left alone until it has ended', async () => {
  const visitId = await visit('face', 'M0', true);
  must(vault.withdraw('M0', clock.nowMs()));
  run();
  expect(entriesOf(visitId)).toEqual(whole('face'));
  assertOk(store.save(visitId, { context: { recognisedMemberId: 'M0' } }, null, false));
  run();
  expect(entriesOf(visitId)).toEqual(['authorised', 'door']);
});

test('a vault that cannot be read says nothing of who is gone', async () => {
  const visitId = await visit('face', 'M0');
  const info = () => fail('storage.io', 'no');
  expect(faceTraces(store, { info }, silentLogger).run()).toBe('again');
  expect(entriesOf(visitId)).toEqual(whole('face'));
});

test('many members are a few at a time', async () => {
  for (let i = 0; i < 25; i++) await visit('face', `X${i}`);
  expect(run()).toBe('again');
  expect(run()).toBeUndefined();
  expect(recorded()).not.toContain('faceAccepted');
});

test('the schema lets nothing else go', async () => {
  const visitId = await visit('face', 'M0');
  const remove = (type: string) =>
    cabinet.db.transaction((): Result<void, StorageFailure> => {
      cabinet.db.prepare('DELETE FROM visit_event WHERE visit_id = ? AND type = ?').run(visitId, type);
      return ok();
    });
  expect(() => remove('faceAccepted')).toThrow(/still needed/);
  must(vault.withdraw('M0', clock.nowMs()));
  run();
  expect(() => remove('authorised')).toThrow(/still needed/);
});
