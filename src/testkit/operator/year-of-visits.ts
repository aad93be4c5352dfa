import { sql } from 'drizzle-orm';
import { silentLogger } from '../../shared/util/logger.ts';
import { Retention } from '../../operator/storage/retention.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { openStorage } from '../../operator/storage/storage.ts';
import { chargeBody, line } from './cabinet.ts';
import { OperatorHarness } from './harness.ts';

/**
 * A year of one cabinet with 200 visits a day at the operator, and what is left of it after the retention:
 *
 *   node src/testkit/operator/year-of-visits.ts [visits a day] [folder of a new embedded database]
 *
 * One visit of each kind goes through the whole service; the others are its rows again with numbers of their own, in their
 * share and spread over the year. Prints a table in the form of docs/retention.md.
 */
const days = 365;
const dayMs = 86_400_000;
const perDay = Number(process.argv[2] ?? 200);
/** One in so many visits. */
const share = { byFace: 2, disputed: 50, declined: 50, alarm: 20 } as const;

const tables = [
  ...['charge', 'charge_line', 'charge_event', 'debit_attempt', 'dispute', 'dispute_line', 'fake_order'],
  ...['visit', 'member_notice', 'alarm', 'incident', 'face_enrolment', 'nonce', 'qr_sign_in'],
];

async function sizes(db: Db): Promise<Map<string, { rows: number; bytes: number }>> {
  const found = new Map<string, { rows: number; bytes: number }>();
  for (const table of tables) {
    const result = await db.execute(
      sql`select (select count(*) from ${sql.identifier(table)})::int as rows,
        pg_total_relation_size(${table}::regclass)::int as bytes`,
    );
    const [row] = (result as { rows: { rows: number; bytes: number }[] }).rows;
    found.set(table, { rows: row?.rows ?? 0, bytes: row?.bytes ?? 0 });
  }
  return found;
}

/** One visit of each kind, through the service. */
async function samples(operator: OperatorHarness): Promise<void> {
  const buy = async (memberId: string) => {
    const visit = await operator.visit(memberId);
    const body = chargeBody(visit, { lines: [line('A1', 350, 2), line('B2', 600, 1)] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
    return visit;
  };
  await buy('M1001');
  const { visitId } = await buy('M1001');
  const told = { kind: 'door_left_open', visitId, atMs: operator.clock.nowMs(), detail: 'shopping' };
  await operator.send('POST', '/v1/alarms', told);
  operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
  const declined = await buy('M1002');
  operator.provider.set({ mode: 'ok', reason: 'account.insufficient_funds', delayMs: 0 });
  await operator.untilState(declined.chargeId, 'paid', 10 * dayMs, 60_000);
}

/** The rows of one visit `count` times more, each with numbers of their own, at times over the year. */
async function multiply(db: Db, count: number, endMs: number): Promise<void> {
  const at = sql.raw(`(${endMs} - (i::bigint * ${days * dayMs}) / ${count})`);
  const id = sql`'KM01' || lpad(i::text, 24, '0')`;
  const visitId = sql`'V01' || lpad(i::text, 24, '0')`;
  const series = sql.raw(`generate_series(1, ${count}) i`);
  const from = (which: 'paid' | 'declined') =>
    which === 'paid'
      ? sql`(select * from charge where decline_count = 0 limit 1)`
      : sql`(select * from charge where decline_count > 0 limit 1)`;
  const oneIn = (count: number) => sql.raw(`i % ${count} = 0`);
  const [isByFace, isDeclined] = [oneIn(share.byFace), oneIn(share.declined)];
  const [isDisputed, isAlarm] = [oneIn(share.disputed), oneIn(share.alarm)];
  for (const [which, cond] of [
    ['paid', sql`not (${isDeclined})`],
    ['declined', isDeclined],
  ] as const) {
    await db.execute(sql`insert into charge
      select (jsonb_populate_record(null::charge, to_jsonb(c) || jsonb_build_object('charge_id', ${id},
        'visit_id', ${visitId}, 'first_at_ms', ${at}, 'opened_at_ms', ${at}, 'closed_at_ms', ${at}))).*
      from ${from(which)} c, ${series} where ${cond}`);
    await db.execute(sql`insert into charge_line select ${id}, l.held, l.position, l.sku, l.name, l.unit_price_minor,
      l.count, l.amount_minor from charge_line l, ${series}
      where ${cond} and l.charge_id = (select charge_id from ${from(which)} c)`);
    await db.execute(sql`insert into charge_event (charge_id, at_ms, kind, detail)
      select ${id}, ${at}, e.kind, e.detail from charge_event e, ${series}
      where ${cond} and e.charge_id = (select charge_id from ${from(which)} c)`);
    await db.execute(sql`insert into debit_attempt
        (charge_id, provider, order_id, call, state, count, started_at_ms, ended_at_ms)
      select ${id}, a.provider, ${id}, a.call, a.state, a.count, ${at}, ${at} from debit_attempt a, ${series}
      where ${cond} and a.charge_id = (select charge_id from ${from(which)} c)`);
  }
  await db.execute(sql`insert into visit (cabinet_id, visit_id, member_id, purpose, entry_method, code_nonce, allowed,
      reply, at_ms, enrolment_id, face_standing)
    select cabinet_id, ${visitId}, member_id, purpose, case when ${isByFace} then 'face' else 'code' end,
      case when ${isByFace} then null else 'c' || lpad(i::text, 11, '0') end, allowed, reply, ${at},
      case when ${isByFace} then 'F01' || lpad(i::text, 24, '0') end, case when ${isByFace} then 'verified' end
    from (select * from visit where purpose = 'visit' limit 1) v, ${series}`);
  await db.execute(sql`insert into member_notice (member_id, kind, ref, cabinet_id, amount_minor, currency, at_ms)
    select 'M' || (i % 500), 'charged_by_face', ${id}, 'CAB-1', 1300, 'CNY', ${at} from ${series}
    where ${isByFace}`);
  await db.execute(sql`insert into dispute select 'D01' || lpad(i::text, 24, '0'), ${id}, 'CAB-1',
      repeat('b', 120), repeat('a', 64), ${at}, ${at} from ${series} where ${isDisputed}`);
  await db.execute(sql`insert into dispute_line select 'D01' || lpad(i::text, 24, '0'), 'A1'
    from ${series} where ${isDisputed}`);
  await db.execute(sql`insert into alarm (cabinet_id, kind, visit_id, at_ms, received_at_ms, detail)
    select cabinet_id, kind, ${visitId}, ${at}, ${at}, detail
    from (select * from alarm limit 1) a, ${series} where ${isAlarm}`);
  await db.execute(sql`insert into fake_order (charge_id, member_id, amount_minor, currency, debit_count, at_ms)
    select ${id}, member_id, amount_minor, currency, debit_count, ${at}
    from (select * from fake_order limit 1) o, ${series}`);
}

const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);

const opened = await openStorage({ dataDir: process.argv[3], logger: silentLogger });
if (!opened.ok) throw new Error(opened.error.message);
const { db } = opened.value;
const operator = await OperatorHarness.make(db);
await samples(operator);
const nowMs = operator.clock.nowMs();
await multiply(db, days * perDay, nowMs);
const full = await sizes(db);
const retention = new Retention({
  ...{ db, clock: operator.clock, isTimeSure: () => true, isEmbedded: true },
  logger: silentLogger,
});
await retention.removeOld();
await db.execute(sql`vacuum full`);
const left = await sizes(db);
const sum = (of: typeof full) => [...of.values()].reduce((total, { bytes }) => total + bytes, 0);
console.log('| table | rows written | MB | rows left | MB |\n| --- | ---: | ---: | ---: | ---: |');
for (const table of tables) {
  const [before, after] = [full.get(table), left.get(table)];
  const cells = [before?.rows, mb(before?.bytes ?? 0), after?.rows, mb(after?.bytes ?? 0)];
  console.log(`| \`${table}\` | ${cells.join(' | ')} |`);
}
console.log(`| sum | | ${mb(sum(full))} | | ${mb(sum(left))} |`);
await operator.close();
await opened.value.close();
