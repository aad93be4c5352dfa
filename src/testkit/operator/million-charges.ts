import { sql } from 'drizzle-orm';
import { cpus } from 'node:os';
import { systemClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assert } from '../../shared/assert.ts';
import type { SearchParams } from '../../shared/console/work.schema.ts';
import { searchParamsSchema } from '../../shared/console/work.schema.ts';
import { readQueue } from '../../operator/console/queue.ts';
import { searchCharges, totalsOfSearch } from '../../operator/console/search.ts';
import { readStory } from '../../operator/console/story.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { openStorage } from '../../operator/storage/storage.ts';
import { durable, findPostgres, startPostgres } from './postgres.ts';
import { articles, cabinets, fillYear, insertCharges, yearMs } from './year-of-charges.ts';

/**
 * `npm run bench:console [charges] [searches of each kind]`: how quick the support console is on PostgreSQL with many charges.
 *
 * A year of 500 cabinets and 50,000 members, 200 articles of which few are bought often; two lines a charge. Each search has
 * other values. Prints the median, the 95th percentile and the slowest, ms, as the service waits for them (no HTTP): first with
 * nobody else on the database, then while charges are written. With KAIMEN_TEST_DATABASE_URL it is filled once and stays.
 */
const count = Number(process.argv[2] ?? 1_000_000);
const tries = Number(process.argv[3] ?? 60);
const endMs = systemClock.nowMs();

const draw = (max: number): number => Math.floor(systemRandom.unit() * max);
const week = (): Record<string, string> => {
  const fromMs = endMs - draw(yearMs);
  return { fromMs: String(fromMs), toMs: String(fromMs + 7 * 86_400_000) };
};
const amount = (): Record<string, string> => {
  const minor = String(300 + draw(5000));
  return { fromMinor: minor, toMinor: minor };
};
const phone = (): Record<string, string> => ({ phone: String(draw(10_000)).padStart(4, '0') });
const goods = (): Record<string, string> => ({ goods: `S${2 + draw(articles - 2)}` });
const place = (): Record<string, string> => ({ cabinetId: `CAB-${1 + draw(cabinets)}` });
const wholeYear = { fromMs: '0' };
const kinds: Readonly<Record<string, () => Record<string, string>>> = {
  'the newest': () => ({}),
  'a week': week,
  place,
  'place and week': () => ({ ...place(), ...week() }),
  'amounts from … on': () => ({ fromMinor: String(300 + draw(5000)) }),
  'one amount': amount,
  'one amount, the whole year': () => ({ ...amount(), ...wholeYear }),
  'an amount that nobody has paid': () => ({ fromMinor: '6000', toMinor: '6100', ...wholeYear }),
  'one amount and week': () => ({ ...amount(), ...week() }),
  'one amount and place': () => ({ ...amount(), ...place() }),
  'goods that are bought often': () => ({ goods: 'S1' }),
  'goods that are bought seldom': goods,
  'goods that nobody has bought': () => ({ goods: 'S999999', ...wholeYear }),
  'goods and week': () => ({ ...goods(), ...week() }),
  'goods and place': () => ({ ...goods(), ...place() }),
  'goods and place, the whole year': () => ({ ...goods(), ...place(), ...wholeYear }),
  'goods, place, amount that never were together': () => ({
    ...{ ...goods(), ...place(), ...wholeYear },
    ...{ fromMinor: '5299', toMinor: '5299' },
  }),
  phone,
  'phone, the whole year': () => ({ ...phone(), ...wholeYear }),
  'phone and goods': () => ({ ...phone(), ...goods() }),
  'phone, place, week, amount, goods': () => ({
    ...phone(),
    ...place(),
    ...week(),
    ...amount(),
    ...goods(),
  }),
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
const parts = { db, clock: systemClock, served: { catalog: { products: [] } } };
const search = (params: SearchParams) => searchCharges(parts, params);
const totals = (params: SearchParams) => totalsOfSearch(parts, params);
const foundIn = async (wanted: Record<string, string>) => {
  const found = await search(searchParamsSchema.parse(wanted));
  assert(found.ok, 'they are looked for');
  return found.value.items;
};
if ((await foundIn({ limit: '1' })).length === 0) await fillYear(db, count, endMs);

async function measureAll(when: string): Promise<void> {
  // What the machine takes for nothing: to be read beside the others.
  await measure(`nothing ${when}`, () => db.execute(sql`select 1`));
  for (const [name, params] of Object.entries(kinds))
    await measure(`search ${when}: ${name}`, () => search(searchParamsSchema.parse(params())));
  for (const [name, params] of Object.entries(kinds))
    await measure(`totals ${when}: ${name}`, () => totals(searchParamsSchema.parse(params())));
  await measure(`queue ${when}: a page`, () => readQueue(db, { limit: 50 }));
  const chosen: string[] = [];
  for (let i = 0; i < tries; i++)
    chosen.push(...(await foundIn({ ...week(), limit: '1' })).map(({ chargeId }) => chargeId));
  await measure(`story ${when}`, () => readStory(db, chosen[draw(chosen.length)] ?? ''));
}

/** Ten charges at once, over and over, as fast as the database takes them: more than any fleet of this size sells. */
let isWriting = true;
let written = 0;
async function write(db: Db): Promise<void> {
  while (isWriting) {
    const from = count + written + 1;
    await db.transaction((tx) =>
      insertCharges(tx, { from, to: from + 9, atMs: String(systemClock.nowMs()) }),
    );
    written += 10;
  }
}

console.log(`${cpus().length} cores; ${count} charges, ${tries} of each\n`);
console.log('| ms | median | p95 | slowest |\n| --- | --- | --- | --- |');
await measureAll('alone');
const beganMs = performance.now();
const writing = write(db);
await measureAll('beside writing');
isWriting = false;
await writing;
console.log(`\nbeside writing: ${((written * 1_000) / (performance.now() - beganMs)).toFixed(0)} charges/s`);
await storage.value.close();
process.exit(0);
