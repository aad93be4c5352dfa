import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChargeChain } from '../../main/charges/charge-chain.ts';
import { chargeForgetMax, forgetOldCharges } from '../../main/charges/charge-retention.ts';
import { ChargeLog } from '../../main/charges/charge-log.ts';
import { ChargeStore } from '../../main/charges/charge-store.ts';
import { DisputeStore } from '../../main/charges/dispute-store.ts';
import { loadSecrets } from '../../main/platform/secrets.ts';
import { type Database, openDatabase } from '../../main/storage/database.ts';
import { VisitStore, journalForgetMax } from '../../main/visit/visit-store.ts';
import { FakeClock, systemClock } from '../../shared/clock.ts';
import {
  type ChargeId,
  type VisitId,
  idRandomByteCount,
  makeChargeId,
  makeDisputeId,
  makeVisitId,
} from '../../shared/ids.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import { ok } from '../../shared/result.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { SharedOperator } from './shared-operator.ts';

/**
 * A year of 200 visits a day in kaimen.db, and how large it is then:
 *
 *   node src/simulator/system/year-of-visits.ts [visits a day] [days]
 *
 * One purchase goes through the whole system; its visit is then written again and again through the real stores, each with
 * ids of its own, at times over the year, one in 50 disputed. The retention runs after each day, as on the cabinet. Prints a
 * table in the form of docs/retention.md.
 */
const dayMs = 86_400_000;
const perDay = Number(process.argv[2] ?? 200);
const days = Number(process.argv[3] ?? 365);
const disputedEvery = 50;
/** Nothing secret is in it. */
const keyHex = 'b0'.repeat(32);
const noKeyring = {
  isEncryptionAvailable: () => false,
  encryptString: (): Buffer => Buffer.alloc(0),
  decryptString: (): string => '',
};

/** One visit as it lies on the disk. */
interface Sample {
  readonly visitId: string;
  readonly chargeId: string;
  readonly stateJson: string;
  readonly journal: readonly { readonly type: string; readonly json: string }[];
  readonly bodyJson: string;
}

async function playOne(): Promise<Sample> {
  const clock = new VirtualClock();
  const operator = await SharedOperator.start(clock);
  const harness = await CabinetHarness.open(operator);
  const [first = '', second = ''] = harness.stockSkus;
  await harness.enter();
  harness.shopper.take(first);
  await harness.waitBasket(harness.priceOf(first));
  harness.shopper.take(second);
  await harness.waitBasket(harness.priceOf(first) + harness.priceOf(second));
  await harness.confirmAndLeave();
  await harness.waitSettled();
  const sample = readSample(harness.copyDisk());
  await harness.close();
  await operator.close();
  clock.stop();
  return sample;
}

function readSample(dir: string): Sample {
  const { databaseKeyHex } = unwrap(loadSecrets({ dir, safeStorage: noKeyring }));
  const database = unwrap(
    openDatabase({ path: join(dir, 'kaimen.db'), keyHex: databaseKeyHex, clock: systemClock }),
  );
  const rows = (sql: string) => unwrap(database.read(() => database.prepare(sql).all()));
  const [charge] = rows('SELECT * FROM charge');
  const [visit] = rows(
    'SELECT visit_id, state_json FROM visit WHERE visit_id = (SELECT visit_id FROM charge)',
  );
  const journal = rows(
    'SELECT type, data_json FROM visit_event WHERE visit_id = (SELECT visit_id FROM charge) ORDER BY seq',
  );
  database.close();
  return {
    visitId: String(visit?.['visit_id']),
    chargeId: String(charge?.['charge_id']),
    stateJson: String(visit?.['state_json']),
    journal: journal.map((row) => ({ type: String(row['type']), json: String(row['data_json']) })),
    bodyJson: String(charge?.['body_json']),
  };
}

interface Stores {
  readonly database: Database;
  readonly chain: ChargeChain;
  readonly clock: FakeClock;
  readonly visits: VisitStore;
  readonly charges: ChargeStore;
  readonly disputes: DisputeStore;
}

/** The visit of the sample once more, as another one that happens now. */
function writeVisit({ clock, visits, charges, disputes }: Stores, sample: Sample, number: number): void {
  const nowMs = clock.nowMs();
  const chargeId: ChargeId = makeChargeId(nowMs, randomBytes(idRandomByteCount));
  const visitId: VisitId = makeVisitId(nowMs, randomBytes(idRandomByteCount));
  const own = (json: string): unknown =>
    JSON.parse(json.replaceAll(sample.visitId, visitId).replaceAll(sample.chargeId, chargeId));
  const body = chargeBodySchema.parse(own(sample.bodyJson));
  unwrap(charges.open({ ...body, memberDisplay: '王*' }));
  for (const { type, json } of sample.journal)
    unwrap(visits.save(visitId, own(sample.stateJson), { type, ...(own(json) as object) }, false));
  unwrap(charges.finalise(chargeId, body));
  unwrap(charges.markSubmitting(chargeId));
  const { totalMinor } = body;
  unwrap(charges.recordOutcome(chargeId, { type: 'reply', state: 'paid', totalMinor, reason: null }, null));
  if (number % disputedEvery !== 0) return;
  const disputeId = makeDisputeId(nowMs, randomBytes(idRandomByteCount));
  unwrap(disputes.add(chargeId, disputeId, [body.lines[0]?.sku ?? '']));
  unwrap(disputes.markSent(disputeId, true));
}

function writeYear(stores: Stores, sample: Sample): void {
  const { database, chain, clock, visits } = stores;
  const whole = { db: database, chain, wholeSeq: () => lastSeq(database) };
  for (let day = 0; day < days; day++) {
    unwrap(
      database.transaction(() => {
        for (let i = 0; i < perDay; i++) {
          writeVisit(stores, sample, day * perDay + i);
          clock.jumpWall(dayMs / perDay);
        }
        return ok();
      }),
    );
    chain.acknowledged(lastSeq(database));
    while (unwrap(visits.forgetOld()) >= journalForgetMax);
    while (timed(() => unwrap(forgetOldCharges(whole, clock.nowMs()))) === chargeForgetMax);
  }
}

/** Number of the last event of all charges. */
function lastSeq(database: Database): number {
  const read = database.read(() => database.prepare('SELECT MAX(seq) AS seq FROM charge_event').first());
  return Number(unwrap(read)?.['seq'] ?? 0);
}

/** How long each removal of charges took, ms. */
const removalsMs: number[] = [];
function timed(remove: () => number): number {
  const startMs = performance.now();
  const count = remove();
  if (count > 0) removalsMs.push(performance.now() - startMs);
  return count;
}

interface TableSize {
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
}

/** Pages that each table and its indexes take (SQLite's dbstat). */
function sizes(database: Database): Map<string, TableSize> {
  const rows = (sql: string) => unwrap(database.read(() => database.prepare(sql).all()));
  const tables = ['visit', 'visit_event', 'charge', 'charge_event', 'dispute'] as const;
  return new Map(
    tables.map((table): [string, TableSize] => {
      const count = Number(rows(`SELECT COUNT(*) AS rows FROM ${table}`)[0]?.['rows']);
      const pages = rows(
        `SELECT m.type AS type, SUM(d.pgsize) AS bytes FROM dbstat AS d JOIN sqlite_master AS m ON m.name = d.name
         WHERE m.tbl_name = '${table}' GROUP BY m.type`,
      );
      const bytesOf = (type: string) => Number(pages.find((row) => row['type'] === type)?.['bytes'] ?? 0);
      return [table, { rows: count, bytes: bytesOf('table'), indexBytes: bytesOf('index') }];
    }),
  );
}

function spreadOf(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms (${ms.length} of up to ${chargeForgetMax} events)`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

const sample = await playOne();
const dir = mkdtempSync(join(tmpdir(), 'kaimen-year-'));
try {
  const path = join(dir, 'kaimen.db');
  const clock = new FakeClock();
  const database = unwrap(openDatabase({ path, keyHex, clock }));
  const chain = new ChargeChain(database, randomBytes(32));
  const log = new ChargeLog(chain);
  writeYear(
    {
      database,
      chain,
      clock,
      visits: new VisitStore(database, clock),
      charges: new ChargeStore(database, log, clock, clock),
      disputes: new DisputeStore(database, log, clock, clock),
    },
    sample,
  );
  const lines = [...sizes(database)].map(
    ([table, { rows, bytes, indexBytes }]) =>
      `| \`${table}\` | ${rows.toLocaleString('en')} | ${megabytes(bytes)} | ${megabytes(indexBytes)} |`,
  );
  database.close();
  process.stdout.write(
    [
      `a visit: ${sample.journal.length} entries of its journal, ${sample.stateJson.length} characters of state`,
      '| table | rows | MB | MB of its indexes |',
      '| --- | ---: | ---: | ---: |',
      ...lines,
      ...(removalsMs.length === 0 ? [] : [`a removal of charges: ${spreadOf(removalsMs)}`]),
      `the file: ${megabytes(statSync(path).size)} MB`,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exit();
