import { sql } from 'drizzle-orm';
import { systemClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assert } from '../../shared/assert.ts';
import type { SearchParams } from '../../shared/console/work.schema.ts';
import { searchParamsSchema } from '../../shared/console/work.schema.ts';
import { readQueue } from '../../operator/console/queue.ts';
import { searchCharges } from '../../operator/console/search.ts';
import { readStory } from '../../operator/console/story.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { openStorage } from '../../operator/storage/storage.ts';
import { durable, findPostgres, startPostgres } from './postgres.ts';

/**
 * How quick the support console is on PostgreSQL with many charges:
 *
 *   node src/testkit/operator/million-charges.ts [charges] [searches of each kind]
 *
 * A year of 500 cabinets and 50,000 members, 200 articles of which few are bought often; two lines a charge. Each search has
 * other values. Prints the median, the 95th percentile and the slowest, ms, as the service waits for them (no HTTP).
 */
const count = Number(process.argv[2] ?? 1_000_000);
const tries = Number(process.argv[3] ?? 60);
const yearMs = 365 * 86_400_000;
const endMs = systemClock.nowMs();
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const cabinets = 500;
const members = 50_000;
const articles = 200;

async function fill(db: Db): Promise<void> {
  const run = (text: string) => db.execute(sql.raw(text));
  await run(`create function time_part(ms bigint) returns text language sql immutable as $$
    select string_agg(substr('${alphabet}', ((ms >> (45 - 5 * k)) & 31)::int + 1, 1), '' order by k)
    from generate_series(0, 9) k $$`);
  await run(`insert into cabinet (cabinet_id, token_hash, token_open)
    select 'CAB-' || i, 'x', false from generate_series(1, ${cabinets}) i`);
  await run(`insert into member (member_id, display, phone_last_digits, provider, standing, owed_elsewhere_minor, note)
    select 'M' || i, 'm', lpad((i % 10000)::text, 4, '0'), 'fake', 'active', 0, ''
    from generate_series(1, ${members}) i`);
  await run(`insert into charge (charge_id, cabinet_id, visit_id, member_id, visit_known, currency, total_minor, state,
      review, body, body_hash, received_count, first_at_ms, paid_at_ms, in_doubt, decline_count, unreachable_count,
      lease_count, refund_due_minor, contested_minor, paid_minor, provider, held_minor, confirmed_by_shopper,
      review_reasons, opened_at_ms, closed_at_ms)
    select 'KM' || time_part(at) || lpad(i::text, 16, '0'), 'CAB-' || (1 + (i * 7919::bigint) % ${cabinets}),
      'V' || time_part(at) || lpad(i::text, 16, '0'), 'M' || (1 + (i * 104729::bigint) % ${members}), true, 'CNY',
      300 + (i * 31::bigint) % 5000, case when i % 500 = 0 then 'needs_attention' else 'paid' end, i % 500 = 0, '{}',
      'h', 1, at, case when i % 500 = 0 then null else at end, false, 0, 0, 1, 0, 0,
      case when i % 500 = 0 then null else 300 + (i * 31::bigint) % 5000 end, 'fake', 0, true, '[]', at, at + 60000
    from (select i, ${endMs - yearMs} + (i::bigint * ${yearMs}) / ${count} as at
      from generate_series(1, ${count}) i) t`);
  // One article in five purchases, others ever more seldom.
  await run(`insert into charge_line (charge_id, held, position, sku, name, unit_price_minor, count, amount_minor)
    select charge_id, false, p, 'S' || (case when p = 0 and first_at_ms % 5 = 0 then 1
        else 2 + (first_at_ms / 7 + p * 37) % ${articles - 1} end), '{"zh":"x","en":"x"}', 300, 1, 300
    from charge, generate_series(0, 1) p`);
  await run(`insert into charge_event (charge_id, at_ms, kind, detail)
    select charge_id, first_at_ms, k, '' from charge, unnest(array['received', 'debit_leased', 'paid']) k`);
  await run(`insert into debit_attempt (charge_id, provider, order_id, call, state, count, started_at_ms, ended_at_ms)
    select charge_id, 'fake', charge_id, 'debit', 'paid', 1, first_at_ms, first_at_ms from charge`);
  await run('set statement_timeout = 0; analyze');
}

const draw = (max: number): number => Math.floor(systemRandom.unit() * max);
const kinds: Readonly<Record<string, () => Record<string, string>>> = {
  'the newest': () => ({}),
  'place and day': () => {
    const fromMs = endMs - draw(yearMs);
    return {
      cabinetId: `CAB-${1 + draw(cabinets)}`,
      fromMs: String(fromMs),
      toMs: String(fromMs + 86_400_000),
    };
  },
  'an amount': () => ({ fromMinor: String(300 + draw(5000)), toMinor: String(5300) }),
  'one amount and place': () => {
    const amount = String(300 + draw(5000));
    return { fromMinor: amount, toMinor: amount, cabinetId: `CAB-${1 + draw(cabinets)}` };
  },
  'goods that are bought often': () => ({ goods: 'S1' }),
  'goods that are bought seldom': () => ({ goods: `S${2 + draw(articles - 2)}` }),
  'goods that nobody has bought': () => ({ goods: 'S999999' }),
  'goods and place': () => ({ goods: `S${1 + draw(articles)}`, cabinetId: `CAB-${1 + draw(cabinets)}` }),
  'goods, place, amount that never were together': () => ({
    ...{ goods: `S${2 + draw(articles - 2)}`, cabinetId: `CAB-${1 + draw(cabinets)}` },
    ...{ fromMinor: '5299', toMinor: '5299' },
  }),
  'phone and goods': () => ({
    phone: String(draw(10_000)).padStart(4, '0'),
    goods: `S${1 + draw(articles)}`,
  }),
  phone: () => ({ phone: String(draw(10_000)).padStart(4, '0') }),
  'end of the number': () => ({ number: String(1 + draw(count)).padStart(8, '0') }),
  'what waits': () => ({ state: 'needs_attention' }),
};

async function measure(name: string, one: () => Promise<unknown>): Promise<void> {
  const tookMs: number[] = [];
  for (let i = 0; i < tries; i++) {
    const beganMs = performance.now();
    await one();
    tookMs.push(performance.now() - beganMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number): string => (tookMs[Math.ceil(tries * share) - 1] ?? 0).toFixed(1);
  console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} | ${at(1)} |`);
}

const source = findPostgres();
assert(source.kind !== 'none', 'a PostgreSQL is here');
const databaseUrl = await startPostgres(source, durable);
const timeouts = { connectMs: 60_000, statementMs: 3_600_000 };
const storage = await openStorage({ databaseUrl, logger: silentLogger, timeouts });
assert(storage.ok, storage.ok ? '' : storage.error.message);
const { db } = storage.value;
await fill(db);
console.log(`| ${count} charges, ${tries} of each | median | p95 | slowest |\n| --- | --- | --- | --- |`);
const parts = { db, clock: systemClock, catalog: { products: [] } };
const search = (params: SearchParams) => searchCharges(parts, params);
for (const [name, params] of Object.entries(kinds))
  await measure(`search: ${name}`, () => search(searchParamsSchema.parse(params())));
await measure('queue: a page', () => readQueue(db, { limit: 50 }));
const found = await search(searchParamsSchema.parse({ limit: '200' }));
assert(found.ok, 'charges are found');
await measure('story', () => readStory(db, found.value.items[draw(200)]?.chargeId ?? ''));
await storage.value.close();
process.exit(0);
