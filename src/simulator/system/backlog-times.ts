import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChargeQueue } from '../../main/charges/charge-queue.ts';
import { ChargeStore } from '../../main/charges/charge-store.ts';
import { DisputeStore } from '../../main/charges/dispute-store.ts';
import { type Database, openDatabase } from '../../main/storage/database.ts';
import { sleep, systemClock } from '../../shared/clock.ts';
import { type ChargeId, makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { type Result, ok } from '../../shared/result.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';

const clock = systemClock;
/** Nothing secret is in it. */
const keyHex = 'b0'.repeat(32);
const emptyName = 'empty.db';
const fullName = 'full.db';
const batchCount = 1_000;
const openRuns = 5;
const drainMs = 10_000;
const operatorLatencyMs = 1;
const tickMs = 1;
/** A live charge now and then while the backlog drains. */
const liveEveryMs = 500;
/** They would be tried again by themselves only after this. */
const waitMs = 250_000;

interface StartTimes {
  /** Opening the database until the first charge that is due is known, ms. */
  readonly openMs: number[];
  readonly openEmptyMs: number[];
  /** The network's return, until the first of the charges that waited for it is known, ms. */
  readonly linkReturnMs: number[];
}
interface DrainTimes {
  readonly drainedPerSecond: number;
  /** The longest that main's thread was held at a stretch while it drained, ms, and the longest commit of it. */
  readonly worstStallMs: number;
  readonly worstCommitMs: number;
  /** A charge that was sold meanwhile, from its commit until the operator has it, ms. */
  readonly liveMs: number[];
}
export type BacklogTimes = StartTimes & DrainTimes;

/**
 * What a backlog of so many queued charges costs, with the real queue and store against an operator that answers after
 * 1 ms. For the benchmark. Each part in a process of its own: libsql ends a closed connection when it is collected, which
 * takes seconds after so much was written, and would be measured.
 */
export function measureBacklog(count: number): BacklogTimes {
  const dir = mkdtempSync(join(tmpdir(), 'kaimen-bench-'));
  const part = (name: keyof typeof parts): unknown => {
    const args = [fileURLToPath(import.meta.url), name, dir, String(count)];
    return JSON.parse(
      execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }).toString(),
    );
  };
  try {
    part('fill');
    return { ...(part('start') as StartTimes), ...(part('drain') as DrainTimes) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const parts = {
  fill: (dir: string, count: number) => {
    open(join(dir, emptyName)).close();
    fill(join(dir, fullName), count);
    return null;
  },
  start: (dir: string): StartTimes => {
    const openMs: number[] = [];
    const openEmptyMs: number[] = [];
    for (let i = 0; i < openRuns; i++) {
      openEmptyMs.push(openTimeMs(join(dir, emptyName)));
      openMs.push(openTimeMs(join(dir, fullName)));
    }
    return { openMs, openEmptyMs, linkReturnMs: linkReturns(join(dir, fullName)) };
  },
  drain: (dir: string): Promise<DrainTimes> => drain(join(dir, fullName)),
};

function openTimeMs(path: string): number {
  const beganMs = performance.now();
  const database = open(path);
  must(new ChargeStore(database, testLog(database), clock, clock).nextDue(clock.nowMs(), clock.nowMs()));
  const tookMs = performance.now() - beganMs;
  database.close();
  return tookMs;
}

function linkReturns(path: string): number[] {
  const database = open(path);
  const store = new ChargeStore(database, testLog(database), clock, clock);
  const times = Array.from({ length: openRuns }, () => {
    const beganMs = performance.now();
    if (must(store.nextDue(clock.nowMs(), clock.nowMs())) === null) throw new Error('nothing is due');
    return performance.now() - beganMs;
  });
  database.close();
  return times;
}

async function drain(path: string): Promise<DrainTimes> {
  const database = open(path);
  const store = new ChargeStore(database, testLog(database), clock, clock);
  let worstCommitMs = 0;
  const timed = <T>(write: () => T): T => {
    const beganMs = performance.now();
    const result = write();
    worstCommitMs = Math.max(worstCommitMs, performance.now() - beganMs);
    return result;
  };
  const soldAtMs = new Map<string, number>();
  const liveMs: number[] = [];
  let paidCount = 0;
  const answer = async (chargeId: string, state: 'paid') => {
    await sleep(clock, operatorLatencyMs);
    const soldMs = soldAtMs.get(chargeId);
    if (soldMs !== undefined) liveMs.push(performance.now() - soldMs);
    paidCount++;
    return ok({
      chargeId: chargeId as ChargeId,
      state,
      totalMinor: minor(700),
      reason: null,
      resolved: null,
    });
  };
  const queue = new ChargeQueue({
    store: {
      recoverSubmitting: () => store.recoverSubmitting(),
      nextDue: (...now) => store.nextDue(...now),
      nextDueMs: (waitingFromMs) => store.nextDueMs(waitingFromMs),
      get: (chargeId) => store.get(chargeId),
      sentBefore: (charge) => store.sentBefore(charge),
      heldBefore: (charge) => store.heldBefore(charge),
      markSubmitting: (chargeId) => timed(() => store.markSubmitting(chargeId)),
      recordOutcome: (...outcome) => timed(() => store.recordOutcome(...outcome)),
      putAside: (...charge) => store.putAside(...charge),
    },
    disputes: new DisputeStore(database, testLog(database), clock, clock),
    client: {
      putCharge: (chargeId) => answer(chargeId, 'paid'),
      getCharge: (chargeId) => answer(chargeId, 'paid'),
    },
    link: { onChange: () => () => undefined },
    clock,
    random: Math.random,
    onChange: () => undefined,
    onDisputesDue: () => undefined,
  });
  let worstStallMs = 0;
  let lastTickMs = performance.now();
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    worstStallMs = Math.max(worstStallMs, nowMs - lastTickMs - tickMs);
    lastTickMs = nowMs;
  }, tickMs);
  queue.start();
  const live = setInterval(() => {
    const chargeId = timed(() => sell(store));
    soldAtMs.set(chargeId, performance.now());
    queue.wake();
  }, liveEveryMs);
  await sleep(clock, drainMs);
  clearInterval(ticker);
  clearInterval(live);
  await queue.stop();
  database.close();
  return { drainedPerSecond: (paidCount * 1000) / drainMs, worstStallMs, worstCommitMs, liveMs };
}

/** All of them have failed for the network's sake, and would be tried again in minutes. */
function fill(path: string, count: number): void {
  const database = open(path);
  const store = new ChargeStore(database, testLog(database), clock, clock);
  for (let done = 0; done < count; done += batchCount) {
    must(
      database.transaction(() => {
        for (let i = 0; i < batchCount; i++) sell(store);
        database
          .prepare(
            `UPDATE charge SET reason = 'network.unreachable', attempts = 1, next_attempt_ms = ? WHERE attempts = 0`,
          )
          .run(clock.nowMs() + waitMs);
        return ok();
      }),
    );
  }
  database.close();
}

function sell(store: ChargeStore): ChargeId {
  const nowMs = clock.nowMs();
  const chargeId = makeChargeId(nowMs, randomBytes(10));
  const visitId = makeVisitId(nowMs, randomBytes(10));
  const who = { chargeId, visitId, memberId: 'M-1', cabinetId: 'A-0217', currency: 'CNY' } as const;
  must(store.open({ ...who, memberDisplay: '王*' }));
  const name = { zh: '可乐', en: 'Cola' };
  const line = { sku: 'cola', name, unitPriceMinor: minor(350), count: 2, amountMinor: minor(700) };
  must(
    store.finalise(chargeId, {
      ...who,
      ...{ lines: [line], totalMinor: minor(700), heldLines: [], review: [], confirmedByShopper: true },
      ...{ openedAtMs: nowMs, closedAtMs: nowMs },
    }),
  );
  return chargeId;
}

function open(path: string): Database {
  return must(openDatabase({ path, keyHex, clock }));
}

function must<T>(result: Result<T, { code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

// Started as a program: one of the parts.
const [, program, name, dir, count] = process.argv;
if (program === fileURLToPath(import.meta.url) && name !== undefined && dir !== undefined) {
  const result = await parts[name as keyof typeof parts](dir, Number(count));
  process.stdout.write(JSON.stringify(result));
  process.exit();
}
