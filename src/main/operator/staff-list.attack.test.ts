import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { type StaffList, staffListSchema } from '../../shared/model/service.schema.ts';
import { staffListLifeMs } from '../../shared/model/service.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { KeptStaffList } from '../storage/service-store.ts';
import type { OperatorFailure, Fetched } from './operator-client.ts';
import { StaffListSync } from './staff-list-sync.ts';
import { syncEveryMs } from './versioned-sync.ts';

/** Lists of the staff that a cabinet must not take: whoever is in one opens its door. */

const nowMs = Date.UTC(2026, 0, 2);
const listOf = (over: Partial<StaffList> = {}): StaffList => ({
  version: 5,
  issuedAtMs: nowMs,
  expiresAtMs: nowMs + staffListLifeMs,
  cabinetId: 'K-1',
  codeKey: Buffer.alloc(32, 1).toString('base64url'),
  staff: [],
  ...over,
});
let clock: FakeClock;
let stored: KeptStaffList | null;
let told: string[];
let answer: Result<Fetched<StaffList>, OperatorFailure>;
beforeEach(() => {
  clock = new FakeClock();
  stored = { etag: '"5"', list: listOf() };
  told = [];
});
function begin(): StaffListSync {
  const sync = new StaffListSync({
    store: {
      list: () => ok(stored),
      keepList: (kept) => {
        stored = kept;
        return ok();
      },
      forgetList: () => {
        stored = null;
        return ok();
      },
    },
    client: { cabinetStaff: () => Promise.resolve(answer), toldNowMs: () => nowMs },
    cabinetId: 'K-1',
    clock,
    random: () => 0,
    tellStaff: (detail) => told.push(detail),
    logger: silentLogger,
  });
  sync.start();
  return sync;
}
const changed = (list: StaffList): typeof answer => ok({ changed: true, etag: '"x"', value: list });

test.each<[string, () => typeof answer, string]>([
  ['older', () => changed(listOf({ version: 4 })), 'staff_list_refused: older: 4 after 5'],
  ['of another cabinet', () => changed(listOf({ cabinetId: 'K-2' })), 'staff_list_refused: unsigned'],
  ['unsigned', () => fail('network.unproven', 'no present key') as never, 'staff_list_refused: unsigned'],
  ['ended', () => changed(listOf({ expiresAtMs: nowMs })), 'staff_list_refused: expired: version 5'],
])('%s: the one that is kept stays, and staff is told once', async (_, make, said) => {
  answer = make();
  const sync = begin();
  await clock.advance(3 * syncEveryMs);
  expect(sync.current()).toEqual(listOf());
  expect(stored).toEqual({ etag: '"5"', list: listOf() });
  expect(told).toEqual([said]);
  sync.stop();
});

test('an operator of an older version that knows of none ends nothing', async () => {
  answer = fail('operator.not_served', 'not found') as never;
  const sync = begin();
  await clock.advance(syncEveryMs);
  expect(sync.current()).toEqual(listOf());
  sync.stop();
});

test('no list is read that is good for longer than it may be, has somebody twice, or asks for other hashes', () => {
  const member = {
    ...{ staffNo: '4410', name: 'Li', role: 'restocker' as const, duressHash: null, pinVersion: 1 },
    pinHash: `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  };
  expect(staffListSchema.safeParse(listOf({ staff: [member] })).success).toBe(true);
  for (const bad of [
    listOf({ expiresAtMs: nowMs + staffListLifeMs + 1 }),
    listOf({ staff: [member, member] }),
    listOf({ staff: [{ ...member, pinHash: member.pinHash.replace('m=19456', 'm=9999999') }] }),
    listOf({ staff: [{ ...member, pinHash: '000000' }] }),
  ])
    expect(staffListSchema.safeParse(bad).success).toBe(false);
});
