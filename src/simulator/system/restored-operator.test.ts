import { sign } from 'node:crypto';
import { join } from 'node:path';
import { eq, min, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../main/operator/http-transport.ts';
import {
  charge,
  chargeEvent,
  chargeLine,
  debitAttempt,
  dispute,
  disputeLine,
  incident,
  visit as visitTable,
} from '../../operator/storage/schema.ts';
import { firstRepeatMaxMs, settlingMs } from '../../operator/limits.ts';
import { resolveCharge } from '../../operator/support/resolve-charge.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import { embedded } from '../../testkit/operator/storages.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { MemoryServer } from './memory-network.ts';

/**
 * The operator's database is put back to the backup of last night; what a shopper has reported since is known to the cabinet
 * alone, and what was debited since to the provider alone, which debits on each call. Real operator, real queues of a cabinet.
 */
const hourMs = 3_600_000;
let store: TestStorage;
let operator: OperatorHarness;
let server: MemoryServer;
let network: FaultyNetwork;
let cabinet: Cabinet;
let removeFolder: () => void;
let disputeCount = 0;
const serving = new Set<Promise<unknown>>();

beforeAll(async () => {
  store = await embedded.open();
  operator = await OperatorHarness.make(store.storage.db, { onceForEachNumber: false });
  server = new MemoryServer(operator.app);
});
afterAll(async () => {
  await operator.close();
  await store.close();
});
beforeEach(() => {
  // Nine in the morning in Shanghai: what is declined at night is asked for again the next day.
  operator.clock.skip((25 * hourMs - (operator.clock.nowMs() % (24 * hourMs))) % (24 * hourMs));
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  network = new FaultyNetwork(operator.clock, { serve });
  const { privateKey } = operator.cabinet;
  cabinet = new Cabinet({
    path: join(scratch.path, 'kaimen.db'),
    clock: operator.clock,
    network,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  });
  cabinet.start();
});
afterEach(async () => {
  await operator.during(cabinet.die());
  removeFolder();
  // What is still collected or asked about would go on beside the next test, through all of its days.
  await putRows([]);
});

async function serve(request: HttpRequest): Promise<HttpResponse> {
  const { answer } = server.exchange(request);
  serving.add(answer);
  const response = await answer.finally(() => serving.delete(answer));
  if (response === null) throw new Error('the operator broke the connection');
  return response;
}
/** So many short steps (some 2 min) bring whatever is under way to its end. */
const stepsBeforeLeap = 30;
/**
 * In short steps: answers take real time, and a leap would be longer than a request may take. When nothing comes of them, in
 * one leap to when a debit is due: over an hour of steps the cabinet asks thousands of times whether all is well.
 */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  let stepCount = 0;
  const isSo = async (): Promise<boolean> => {
    await Promise.all(serving);
    if (await check()) return true;
    if (++stepCount % stepsBeforeLeap === 0) await leapToNextAttempt();
    return false;
  };
  // What was declined is asked for again after an hour or two.
  await operator.until(isSo, firstRepeatMaxMs + hourMs, 1_000);
}
async function leapToNextAttempt(): Promise<void> {
  const [next] = await store.storage.db.select({ atMs: min(charge.nextAttemptAtMs) }).from(charge);
  operator.clock.skip(Math.max((next?.atMs ?? 0) - operator.clock.nowMs(), 0));
}
const debited = (chargeId: ChargeId): Promise<void> =>
  until(async () => (await operator.chargeRow(chargeId)).state === 'paid');
/** Long enough for whatever should not happen. */
async function anHourGoesBy(): Promise<void> {
  for (let quarter = 0; quarter < 4; quarter++) {
    operator.clock.skip(hourMs / 4);
    await operator.pass(20_000, 1_000);
  }
  await Promise.all(serving);
}
const provider = (mode: 'ok' | 'decline'): void =>
  operator.provider.set({ mode, reason: 'account.insufficient_funds', delayMs: 0 });

const tables = { charge, chargeLine, chargeEvent, dispute, disputeLine, debitAttempt, incident };
/** In place of all that is about charges; of a table that is left out, nothing. */
async function putRows(rows: readonly (readonly unknown[])[]): Promise<void> {
  await store.storage.db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('session_replication_role', 'replica', true)`);
    for (const [i, table] of Object.values(tables).entries()) {
      await tx.delete(table);
      const put = rows[i] ?? [];
      if (put.length > 0) await tx.insert(table).values(put as never);
    }
  });
}
/** All of what is about charges, as a dump has it; the way to put it back, the operator stopped. */
async function backup(): Promise<() => Promise<void>> {
  const rows = await Promise.all(Object.values(tables).map((table) => store.storage.db.select().from(table)));
  return async () => {
    await operator.close();
    await putRows(rows);
    operator = operator.restarted({ onceForEachNumber: false });
    server = new MemoryServer(operator.app);
  };
}

/** The account has too little: 13.00 are collected for days. */
async function collecting(): Promise<ChargeId> {
  provider('decline');
  const chargeId = cabinet.sellBody(chargeBody(await operator.visit()));
  await until(() => cabinet.state(chargeId) === 'collecting');
  return chargeId;
}

/** The same of a charge that the backup does not have. */
async function collectingAfterBackup() {
  provider('decline');
  const visit = await operator.visit();
  const restore = await backup();
  const chargeId = cabinet.sellBody(chargeBody(visit));
  await until(() => cabinet.state(chargeId) === 'collecting');
  return { chargeId, restore };
}

/** Until it is repaired the cabinet hears of no charge by asking. */
function loseQuestions(): void {
  network.faultOf = ({ method, path }) => (method === 'GET' && path !== '/v1/health' ? 'refused' : null);
}

/** The shopper reports 2 × A1 (7.00 of 13.00), and it is taken. */
async function reports(chargeId: ChargeId): Promise<void> {
  cabinet.dispute(++disputeCount, chargeId, ['A1']);
  await until(() => assertOk(cabinet.disputes.nextDueMs()) === null);
}
const lowered = (chargeId: ChargeId): Promise<void> =>
  until(() => assertOk(cabinet.store.get(chargeId)).billedMinor === 600);

async function seen(chargeId: ChargeId) {
  const { state, paidMinor, disputedMinor, refundDueMinor, review } = await operator.chargeRow(chargeId);
  const known = assertOk(cabinet.store.get(chargeId));
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  return {
    operator: {
      state,
      paidMinor,
      disputedMinor,
      refundDueMinor,
      review,
      incidents: await operator.incidentKinds(),
    },
    cabinet: { state: known.state, billedMinor: known.billedMinor, reason: known.reason, told: cabinet.told },
  };
}
const asReported = {
  operator: {
    state: 'paid',
    paidMinor: 600,
    disputedMinor: 700,
    refundDueMinor: 0,
    review: true,
    incidents: [],
  },
  cabinet: { state: 'paid', billedMinor: 600, reason: null, told: [] },
};

/** The provider declines until the operator has the report (again), and then everything is paid. */
async function paidLater(chargeId: ChargeId): Promise<void> {
  const isCounted = async (): Promise<boolean> => {
    const rows = await store.storage.db.select().from(charge).where(eq(charge.chargeId, chargeId));
    return rows[0]?.disputedMinor === 700;
  };
  await until(isCounted);
  provider('ok');
  await until(() => cabinet.state(chargeId) === 'paid');
}
const debitedTooMuch = {
  ...{ state: 'paid', paidMinor: 1300, disputedMinor: 700, refundDueMinor: 700, review: true },
  incidents: ['refund_due'],
};

test.each(['not', 'without the report', 'without the charge'])(
  'what was reported is not debited; put back: %s',
  async (back) => {
    provider('decline');
    const visit = await operator.visit();
    const withoutCharge = await backup();
    const chargeId = cabinet.sellBody(chargeBody(visit));
    await until(() => cabinet.state(chargeId) === 'collecting');
    const withoutReport = await backup();
    await reports(chargeId);
    await lowered(chargeId);
    if (back === 'without the report') await withoutReport();
    if (back === 'without the charge') await withoutCharge();
    await paidLater(chargeId);
    expect(await seen(chargeId)).toEqual(asReported);
  },
);

test('debited before the cabinet asks: too much is due to be paid back, and people lead out of it', async () => {
  const chargeId = await collecting();
  const restore = await backup();
  await reports(chargeId);
  await lowered(chargeId);
  network.faultOf = () => 'refused';
  provider('ok');
  await restore();
  await debited(chargeId);
  network.faultOf = () => null;
  await until(() => cabinet.state(chargeId) === 'needs_attention');
  const told = [`charge_billed_too_high: ${chargeId}, 1300 minor units`];
  expect(await seen(chargeId)).toEqual({
    operator: debitedTooMuch,
    cabinet: { state: 'needs_attention', billedMinor: 600, reason: 'system.conflict', told },
  });
  // Paid back by hand; no more is asked for, and that is said.
  const decision = { by: 'anna', decision: 'waive', amountMinor: 1300 } as const;
  expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
  await until(() => cabinet.state(chargeId) === 'paid');
  expect(await seen(chargeId)).toMatchObject({
    operator: { state: 'paid', paidMinor: 1300, refundDueMinor: 700, review: false },
    cabinet: { state: 'paid', billedMinor: 1300, reason: null, told },
  });
});

test('taken and forgotten between two questions: the last word brings it back', async () => {
  const chargeId = await collecting();
  const restore = await backup();
  // The cabinet does not hear that the bill is lower.
  loseQuestions();
  await reports(chargeId);
  provider('ok');
  await restore();
  await debited(chargeId);
  network.faultOf = () => null;
  await until(() => cabinet.state(chargeId) === 'paid');
  await until(() => assertOk(cabinet.disputes.nextDueMs()) === null);
  expect(await seen(chargeId)).toMatchObject({
    operator: debitedTooMuch,
    cabinet: { state: 'paid', billedMinor: 1300, told: [] },
  });
});

test('a report of what was paid long ago: it is told again the day after, and money is due back', async () => {
  provider('ok');
  const chargeId = cabinet.sellBody(chargeBody(await operator.visit()));
  await until(() => cabinet.state(chargeId) === 'paid');
  const restore = await backup();
  await reports(chargeId);
  const known = (await seen(chargeId)).operator;
  expect(known).toMatchObject(debitedTooMuch);
  await restore();
  await store.storage.db.delete(incident);
  expect((await seen(chargeId)).operator).toMatchObject({ disputedMinor: 0, refundDueMinor: 0 });
  operator.clock.skip(24 * hourMs);
  const isKnown = async () => (await operator.chargeRow(chargeId)).disputedMinor === 700;
  await until(isKnown);
  expect((await seen(chargeId)).operator).toEqual(known);
});

/** What is paid is not sent again: to the operator it would be new, and debited. So only the cabinet knows of the contradiction. */
test('a report of what was paid after the backup: staff is told that its charge is not there', async () => {
  provider('ok');
  const visit = await operator.visit();
  const restore = await backup();
  const chargeId = cabinet.sellBody(chargeBody(visit));
  await until(() => cabinet.state(chargeId) === 'paid');
  await reports(chargeId);
  await restore();
  await store.storage.db.delete(incident);
  operator.clock.skip(24 * hourMs);
  await until(() => cabinet.told.length > 0);
  const kept = await store.storage.db.select().from(dispute).where(eq(dispute.chargeId, chargeId));
  expect(kept).toHaveLength(1);
  expect(await store.storage.db.select().from(charge).where(eq(charge.chargeId, chargeId))).toEqual([]);
  expect(cabinet.told).toEqual([
    `dispute_without_charge: ${chargeId}, paid 1300, due back 700 minor units: A1`,
  ]);
  expect(auditOf(cabinet.db).kinds).toEqual([]);
});

/** A day later what is paid is told again, and the operator, put back to before the charge, does not have it. */
async function toldAfterRestore(restore: () => Promise<void>): Promise<string[]> {
  await restore();
  await store.storage.db.delete(incident);
  operator.clock.skip(24 * hourMs);
  await until(() => cabinet.told.length > 0 && assertOk(cabinet.disputes.nextDueMs()) === null);
  return cabinet.told;
}

test('what was reported before the debit is not told as due back, only what was reported after it', async () => {
  const { chargeId, restore } = await collectingAfterBackup();
  await reports(chargeId);
  await lowered(chargeId);
  provider('ok');
  await until(() => cabinet.state(chargeId) === 'paid');
  cabinet.dispute(++disputeCount, chargeId, ['B2']);
  await until(() => assertOk(cabinet.disputes.nextDueMs()) === null);
  expect((await seen(chargeId)).operator).toMatchObject({ paidMinor: 600, refundDueMinor: 600 });
  expect(await toldAfterRestore(restore)).toEqual([
    `dispute_without_charge: ${chargeId}, paid 600, due back 600 minor units: A1 B2`,
  ]);
});

test.each([
  ['deny_dispute', 1300, 'dispute_denied'],
  ['waive', 600, 'refunded_in_part'],
] as const)(
  'what people had decided by %s is told with their decision',
  async (decision, amountMinor, how) => {
    const { chargeId, restore } = await collectingAfterBackup();
    // The cabinet hears of the debit and of the decision together.
    loseQuestions();
    provider('ok');
    await debited(chargeId);
    await reports(chargeId);
    const decided = { by: 'anna', decision, amountMinor, disputedMinor: 700 } as const;
    expect(await resolveCharge(operator, chargeId, decided)).toMatchObject({ ok: true });
    network.faultOf = () => null;
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(assertOk(cabinet.store.get(chargeId)).resolution?.how).toBe(how);
    expect(await toldAfterRestore(restore)).toEqual([
      `dispute_without_charge: ${chargeId}, paid 1300, due back 700 minor units (decided: ${how}): A1`,
    ]);
  },
);

/** A charge that waits for people: the reader was lost, and the shopper has confirmed nothing. */
async function waiting(): Promise<ChargeId> {
  provider('ok');
  const body = chargeBody(await operator.visit(), {
    review: ['recognition.reader_lost'],
    confirmedByShopper: false,
  });
  const chargeId = cabinet.sellBody(body);
  await until(() => cabinet.state(chargeId) === 'needs_attention');
  return chargeId;
}

const decide = async (chargeId: ChargeId, decision: 'debit' | 'settled', amountMinor: number) =>
  expect(await resolveCharge(operator, chargeId, { by: 'anna', decision, amountMinor })).toMatchObject({
    ok: true,
  });

/** It is asked about every 10 min to 48 h; people, who see no report, have all of it debited before that. */
test('a decision without the report that was forgotten: it is told again, and money is due back', async () => {
  const chargeId = await waiting();
  const restore = await backup();
  await reports(chargeId);
  await lowered(chargeId);
  await restore();
  const decision = { by: 'anna', decision: 'debit', amountMinor: 1300 } as const;
  expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
  await debited(chargeId);
  await until(() => cabinet.state(chargeId) === 'paid');
  await until(() => assertOk(cabinet.disputes.nextDueMs()) === null);
  expect((await seen(chargeId)).operator).toMatchObject(debitedTooMuch);
});

/** What came of a charge, how often money moved for it, and how often the provider was told to move it since. */
async function ended(chargeId: ChargeId) {
  const { state, paidMinor, review } = await operator.chargeRow(chargeId);
  const leased = await store.storage.db
    .select()
    .from(debitAttempt)
    .where(eq(debitAttempt.chargeId, chargeId));
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  return {
    operator: { state, paidMinor, review },
    cabinet: cabinet.state(chargeId),
    debitCount: await operator.debitCount(chargeId),
    debitCalls: leased.filter(({ call }) => call === 'debit').length,
  };
}
const isPut = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'PUT' && path.startsWith('/v1/charges/');
const isOfCharge = ({ path }: { path: string }): boolean => path.startsWith('/v1/charges/');

describe('debited after the backup, and forgotten: the provider is asked, and nothing is debited again', () => {
  /** Debited at the operator, which is then put back; of the charge its cabinet has heard this. */
  const heard: Record<string, (visit: Visit) => Promise<ChargeId>> = {
    'that it is there': async (visit) => {
      provider('decline');
      const chargeId = cabinet.sellBody(chargeBody(visit));
      await until(() => cabinet.state(chargeId) === 'collecting');
      network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
      provider('ok');
      await debited(chargeId);
      return chargeId;
    },
    'nothing, the answer was lost': async (visit) => {
      network.faultOf = (request) => (isOfCharge(request) ? 'cut after' : null);
      const chargeId = cabinet.sellBody(chargeBody(visit));
      await until(() => operator.debitCount(chargeId).then((debits) => debits === 1));
      await until(() => cabinet.state(chargeId) === 'in_doubt');
      network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
      return chargeId;
    },
  };

  test.each(Object.keys(heard))('its cabinet has heard %s', async (what) => {
    provider('ok');
    const visit = await operator.visit();
    const restore = await backup();
    const chargeId = await heard[what]!(visit);
    await restore();
    network.faultOf = () => null;
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(await ended(chargeId)).toEqual({
      operator: { state: 'paid', paidMinor: 1300, review: false },
      cabinet: 'paid',
      debitCount: 1,
      debitCalls: 0,
    });
  });

  test.each(Object.keys(heard))('held, for its visit is lost, too; heard %s', async (what) => {
    provider('ok');
    const visit = await operator.visit();
    const restore = await backup();
    const chargeId = await heard[what]!(visit);
    await restore();
    await store.storage.db.delete(visitTable).where(eq(visitTable.visitId, visit.visitId));
    network.faultOf = () => null;
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(await ended(chargeId)).toEqual({
      operator: { state: 'paid', paidMinor: 1300, review: true },
      cabinet: 'paid',
      debitCount: 1,
      debitCalls: 0,
    });
    expect(await operator.incidentKinds()).toContain('late_paid');
  });
});

test('taken and never debited, and forgotten: asked about for the settling period, and then debited once', async () => {
  const { chargeId, restore } = await collectingAfterBackup();
  provider('ok');
  network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
  await restore();
  network.faultOf = () => null;
  const fromMs = operator.clock.nowMs();
  await until(() => cabinet.state(chargeId) === 'paid');
  expect(operator.clock.nowMs() - fromMs).toBeGreaterThan(settlingMs);
  expect(await ended(chargeId)).toMatchObject({ cabinet: 'paid', debitCount: 1, debitCalls: 1 });
});

test.each(['cut before', 'hang before', 'error before'] as const)(
  'an operator that has run all the time debits at once what it had not got: %s',
  async (fault) => {
    provider('ok');
    const visit = await operator.visit();
    let puts = 0;
    network.faultOf = (request) => (isPut(request) && ++puts === 1 ? fault : null);
    const fromMs = operator.clock.nowMs();
    const chargeId = cabinet.sellBody(chargeBody(visit));
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(operator.clock.nowMs() - fromMs).toBeLessThan(60_000);
    expect(await ended(chargeId)).toMatchObject({ debitCount: 1, debitCalls: 1 });
  },
);

describe('with people, and forgotten: it stays with people', () => {
  /** The provider refuses the charge (13.00) once, so that it waits for people; its cabinet has heard that. */
  const refused = async () => {
    provider('ok');
    const refusal = { kind: 'rejected', message: 'the merchant may not debit so much' } as const;
    vi.spyOn(operator.provider, 'debit').mockResolvedValueOnce(refusal);
    const visit = await operator.visit();
    const restore = await backup();
    const chargeId = cabinet.sellBody(chargeBody(visit));
    await until(() => cabinet.state(chargeId) === 'needs_attention');
    return { chargeId, restore };
  };
  const isHere = async (chargeId: ChargeId): Promise<boolean> => {
    const rows = await store.storage.db.select().from(charge).where(eq(charge.chargeId, chargeId));
    return rows.length > 0;
  };
  /** Put back to before the charge, which comes again; all that comes of that by itself has come. */
  const putBack = async (chargeId: ChargeId, restore: () => Promise<void>) => {
    network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
    await restore();
    provider('ok');
    network.faultOf = () => null;
    await until(() => isHere(chargeId));
    await operator.pass(settlingMs + 10 * 60_000, 10_000);
    await Promise.all(serving);
  };
  const lost = async (): Promise<string[]> => {
    const rows = await store.storage.db.select().from(incident).where(eq(incident.kind, 'decision_lost'));
    return rows.map(({ detail }) => detail);
  };

  test('it waited, and was settled in another way: it is not debited', async () => {
    const { chargeId, restore } = await refused();
    await decide(chargeId, 'settled', 1300);
    await putBack(chargeId, restore);
    expect(await ended(chargeId)).toEqual({
      operator: { state: 'needs_attention', paidMinor: null, review: true },
      cabinet: 'needs_attention',
      debitCount: 0,
      debitCalls: 0,
    });
    expect(await lost()).toEqual(['its cabinet knows: it waited for people, billed 1300']);
    await decide(chargeId, 'settled', 1300);
    await until(() => cabinet.state(chargeId) === 'paid');
  });

  test('less was decided, and its cabinet knew: no more than that is debited', async () => {
    const { chargeId, restore } = await refused();
    provider('decline');
    await decide(chargeId, 'debit', 600);
    await until(() => cabinet.state(chargeId) === 'collecting');
    await putBack(chargeId, restore);
    expect(await ended(chargeId)).toMatchObject({
      operator: { state: 'needs_attention', paidMinor: null },
      cabinet: 'needs_attention',
      debitCount: 0,
    });
    expect(await lost()).toEqual(['its cabinet knows: people had decided, billed 600']);
    await decide(chargeId, 'debit', 600);
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(await ended(chargeId)).toMatchObject({
      operator: { state: 'paid', paidMinor: 600 },
      debitCount: 1,
    });
    expect(assertOk(cabinet.store.get(chargeId)).billedMinor).toBe(600);
  });

  test('less was decided and debited, and its cabinet did not know the last: what was debited is booked', async () => {
    const { chargeId, restore } = await refused();
    provider('decline');
    await decide(chargeId, 'debit', 600);
    await until(() => cabinet.state(chargeId) === 'collecting');
    loseQuestions();
    provider('ok');
    await debited(chargeId);
    await putBack(chargeId, restore);
    expect(await ended(chargeId)).toMatchObject({
      operator: { state: 'needs_attention', paidMinor: 600 },
      debitCount: 1,
      debitCalls: 0,
    });
    await decide(chargeId, 'settled', 600);
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(assertOk(cabinet.store.get(chargeId)).billedMinor).toBe(600);
  });
});

describe('in the backup, and with people since: it is debited by itself no more, or staff is told', () => {
  /** Collected in the backup; after it the provider refuses it once, so that it waits; its cabinet knows. */
  const refusedSince = async () => {
    const chargeId = await collecting();
    const restore = await backup();
    const refusal = { kind: 'rejected', message: 'the merchant may not debit so much' } as const;
    vi.spyOn(operator.provider, 'debit').mockResolvedValueOnce(refusal);
    provider('ok');
    await until(() => cabinet.state(chargeId) === 'needs_attention');
    return { chargeId, restore };
  };
  const lost = async (): Promise<string[]> => {
    const rows = await store.storage.db.select().from(incident).where(eq(incident.kind, 'decision_lost'));
    return rows.map(({ detail }) => detail);
  };
  const isHeld = async (chargeId: ChargeId): Promise<boolean> => {
    const row = await operator.chargeRow(chargeId);
    return row.state === 'needs_attention' && !row.inDoubt;
  };

  test.each([
    ['it waited, and was settled in another way', 'settled', 1300, 'it waited for people, billed 1300'],
    ['less was decided', 'debit', 600, 'people had decided, billed 600'],
  ] as const)('%s: its cabinet asks before it is debited', async (_, decision, amountMinor, known) => {
    const { chargeId, restore } = await refusedSince();
    provider('decline');
    await decide(chargeId, decision, amountMinor);
    if (decision === 'debit') await until(() => cabinet.state(chargeId) === 'collecting');
    await restore();
    provider('decline');
    await until(() => isHeld(chargeId));
    provider('ok');
    // Nothing is planned for it any more.
    expect((await operator.chargeRow(chargeId)).nextAttemptAtMs).toBeNull();
    await anHourGoesBy();
    expect(await ended(chargeId)).toMatchObject({
      operator: { state: 'needs_attention', paidMinor: null, review: true },
      cabinet: 'needs_attention',
      debitCount: 0,
    });
    expect(await lost()).toEqual([`its cabinet knows: ${known}`]);
    await decide(chargeId, decision, amountMinor);
    await debited(chargeId);
    expect(await ended(chargeId)).toMatchObject({ operator: { state: 'paid', paidMinor: amountMinor } });
  });

  test.each([
    ['it waited, and was settled in another way', 'settled', 1300, 'waiting, 1300'],
    ['less was decided', 'debit', 600, 'decided, 600'],
  ] as const)(
    '%s: debited before its cabinet asks, staff is told',
    async (_, decision, amountMinor, known) => {
      const { chargeId, restore } = await refusedSince();
      provider('decline');
      await decide(chargeId, decision, amountMinor);
      if (decision === 'debit') await until(() => cabinet.state(chargeId) === 'collecting');
      network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
      await restore();
      provider('ok');
      await debited(chargeId);
      network.faultOf = () => null;
      const forgotten = () => cabinet.told.filter((detail) => detail.startsWith('decision_forgotten'));
      await until(() => forgotten().length > 0);
      await anHourGoesBy();
      expect(forgotten()).toEqual([`decision_forgotten: ${chargeId}, ${known} minor units`]);
      expect(await operator.debitCount(chargeId)).toBe(1);
    },
  );
});

/**
 * Held once, and people said "debit" (13.00): collected under that decision, which the backup has. After the backup the
 * provider refuses it, so that it waits for people again; its cabinet has heard that.
 */
const refusedUnderDecision = async () => {
  const refusal = { kind: 'rejected', message: 'the merchant may not debit so much' } as const;
  provider('ok');
  vi.spyOn(operator.provider, 'debit').mockResolvedValueOnce(refusal);
  const chargeId = cabinet.sellBody(chargeBody(await operator.visit()));
  await until(() => cabinet.state(chargeId) === 'needs_attention');
  provider('decline');
  await decide(chargeId, 'debit', 1300);
  await until(() => cabinet.state(chargeId) === 'collecting');
  const restore = await backup();
  vi.spyOn(operator.provider, 'debit').mockResolvedValueOnce(refusal);
  provider('ok');
  await until(() => cabinet.state(chargeId) === 'needs_attention');
  return { chargeId, restore };
};
describe.each([
  ['it waited, and was settled in another way', 'settled', 1300],
  ['less was decided', 'debit', 600],
] as const)('under an earlier decision in the backup: %s', (_, decision, amountMinor) => {
  const putBack = async () => {
    const { chargeId, restore } = await refusedUnderDecision();
    provider('decline');
    await decide(chargeId, decision, amountMinor);
    if (decision === 'debit')
      await until(
        () =>
          assertOk(cabinet.store.get(chargeId)).billedMinor === 600 &&
          cabinet.state(chargeId) === 'collecting',
      );
    cabinet.told.length = 0;
    await restore();
    return chargeId;
  };
  const result = async (chargeId: ChargeId) => {
    const { state, paidMinor } = await operator.chargeRow(chargeId);
    const record = assertOk(cabinet.store.get(chargeId));
    return {
      state,
      paidMinor,
      debitCount: await operator.debitCount(chargeId),
      incidents: await operator.incidentKinds(),
      cabinet: record.state,
      billedMinor: record.billedMinor,
      told: cabinet.told,
    };
  };

  test('its cabinet asks first: it is not debited by itself', async () => {
    const chargeId = await putBack();
    provider('decline');
    // The cabinet asks meanwhile, many times.
    await until(async () => (await operator.chargeRow(chargeId)).state === 'needs_attention');
    provider('ok');
    await anHourGoesBy();
    expect(await result(chargeId)).toMatchObject({
      state: 'needs_attention',
      paidMinor: null,
      debitCount: 0,
    });
    await decide(chargeId, decision, amountMinor);
    await debited(chargeId);
    await until(() => cabinet.state(chargeId) === 'paid');
    expect(assertOk(cabinet.store.get(chargeId)).billedMinor).toBe(amountMinor);
  });

  test('debited before its cabinet asks: staff is told', async () => {
    const chargeId = await putBack();
    network.faultOf = (request) => (isOfCharge(request) ? 'refused' : null);
    provider('ok');
    await debited(chargeId);
    network.faultOf = () => null;
    await until(() => cabinet.told.length > 0);
    await anHourGoesBy();
    const { told, ...found } = await result(chargeId);
    // More than the cabinet has heard people decide is not taken.
    expect(found).toMatchObject({
      ...{ paidMinor: 1300, debitCount: 1 },
      ...(decision === 'debit' ? { cabinet: 'needs_attention', billedMinor: 600 } : { cabinet: 'paid' }),
    });
    const stage = decision === 'debit' ? 'decided, 600' : 'waiting, 1300';
    const forgotten = `decision_forgotten: ${chargeId}, ${stage} minor units`;
    expect(told).toEqual(
      decision === 'debit'
        ? [forgotten, `charge_billed_too_high: ${chargeId}, 1300 minor units`]
        : [forgotten],
    );
  });
});
