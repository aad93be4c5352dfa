import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ConsoleRoute } from '../../shared/console/routes.ts';
import { consoleExports } from '../../shared/console/routes.ts';
import type { UnchargedVisit } from '../../shared/console/visits.schema.ts';
import type { FoundCharge, QueueItem, Sums } from '../../shared/console/work.schema.ts';
import { exportMax, pageMax } from '../../shared/console/work.schema.ts';
import type { ShownDifference } from '../../shared/console/stock.schema.ts';
import { differenceHead, differenceRow } from '../../shared/node/difference-table.ts';
import { byteOrderMark, csvOf, csvRows } from '../../shared/util/csv.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { consoleExportsMax } from '../limits.ts';
import { onAnsweredOrGone } from '../http/answered.ts';
import { parsePlainWith } from '../http/json.ts';
import { passGate } from './console-gate.ts';
import { cursorText, readCursor } from './cursor.ts';
import { listCabinets } from '../fleet/cabinet-list.ts';
import { type StockReading, readCabinetStock, readDifferences } from '../fleet/stock.ts';
import { nameIn } from './stock-handlers.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';
import { sendPageFailure, tooMany } from '../http/page-errors.ts';
import { readQueue } from './queue.ts';
import type { SearchParts } from './search.ts';
import { searchCharges } from './search.ts';
import { type Summed, Summing } from './sums.ts';
import { readVisits } from './visits.ts';

type Row = readonly (string | number | null)[];
interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

type ExportParts = SearchParts & StockReading;

/**
 * The lists as files for spreadsheets, page by page from the database as fast as they are taken: nothing is held but a page. At
 * most `exportMax` rows; the last line says that there are more. A few at a time, from all people together.
 */
export function addExports(app: FastifyInstance, parts: ExportParts): void {
  const bound = { running: 0 };
  addExport(app, parts, bound, consoleExports.queue, queueHead, (params) => {
    const asked = parsePlainWith(consoleExports.queue.params, params);
    if (!asked.ok) return asked;
    const read = (after: string | undefined) =>
      readQueue(parts.db, { ...asked.value, limit: pageMax, after });
    return { ok: true, value: rowsOf(read, queueRow, queueHead, (item) => item) };
  });
  addExport(app, parts, bound, consoleExports.search, chargeHead, (params) => {
    const asked = parsePlainWith(consoleExports.search.params, params);
    if (!asked.ok) return asked;
    const read = (after: string | undefined) =>
      searchCharges(parts, { ...asked.value, limit: pageMax, after });
    return { ok: true, value: rowsOf(read, chargeRow, chargeHead, dueOf) };
  });
  addExport(app, parts, bound, consoleExports.visits, visitHead, (params) => {
    const asked = parsePlainWith(consoleExports.visits.params, params);
    if (!asked.ok) return asked;
    const read = (after: string | undefined) => readVisits(parts, { ...asked.value, limit: pageMax, after });
    return { ok: true, value: rowsOf(read, visitRow, visitHead) };
  });
  addExport(app, parts, bound, consoleExports.stockDifferences, differenceHead, (params) => {
    const asked = parsePlainWith(consoleExports.stockDifferences.params, params);
    if (!asked.ok) return asked;
    const { cabinetId } = asked.value;
    const read = async (
      after: string | undefined,
    ): Promise<Result<Page<ShownDifference>, ConsoleFailure>> => {
      const from = readCursor(after);
      if (!from.ok) return from;
      const since = from.value && { atMs: from.value.atMs, id: from.value.key };
      const items = await readDifferences(parts.db, cabinetId, nameIn(parts.served), pageMax, since);
      const last = items.length < pageMax ? undefined : items.at(-1);
      return ok({ items, next: last === undefined ? null : cursorText({ atMs: last.atMs, key: last.id }) });
    };
    const row = (one: ShownDifference): Row =>
      differenceRow(cabinetId, { ...one, between: one.between.map(({ who }) => who) });
    return ok(rowsOf(read, row, differenceHead));
  });
  addExport(app, parts, bound, consoleExports.refill, refillHead, (params) => {
    const asked = parsePlainWith(consoleExports.refill.params, params);
    return asked.ok ? ok(refillRows(parts, asked.value.cabinetId)) : asked;
  });
}

/** Of one cabinet, or of all: what to bring there, and to take out. */
async function* refillRows(parts: ExportParts, cabinetId: string | undefined): AsyncGenerator<Row> {
  const all = cabinetId === undefined ? await listCabinets(parts.db, parts.clock) : [{ cabinetId }];
  for (const one of all) {
    const { refill } = await readCabinetStock(parts, one.cabinetId, nameIn(parts.served));
    for (const { sku, name, lane, slot, target, stock, bring, takeOut } of refill)
      yield [
        ...[one.cabinetId, sku, name?.zh ?? null, name?.en ?? null, lane, slot],
        ...[target, stock, bring, takeOut],
      ];
  }
}
const refillHead = [
  ...['cabinet', 'sku', 'name_zh', 'name_en', 'lane', 'slot', 'plan', 'stock', 'bring', 'take_out_expired'],
];

function addExport(
  app: FastifyInstance,
  parts: SearchParts,
  bound: { running: number },
  route: ConsoleRoute,
  head: readonly string[],
  rowsFor: (params: unknown) => Result<AsyncGenerator<Row>, Parameters<typeof consoleFailureOf>[0]>,
): void {
  app.get(route.path, async (request, reply) => {
    const gate = await passGate(parts, route, request);
    if (!gate.ok) return sendPageFailure(reply, gate.error);
    const rows = rowsFor(request.query);
    if (!rows.ok) return sendPageFailure(reply, consoleFailureOf(rows.error));
    if (bound.running >= consoleExportsMax) return sendPageFailure(reply, tooMany(10).error);
    bound.running++;
    onAnsweredOrGone(reply, () => {
      bound.running--;
    });
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="kaimen.csv"')
      .send(Readable.from(textOf(head, rows.value)));
  });
}

async function* textOf(head: readonly string[], rows: AsyncGenerator<Row>): AsyncGenerator<string> {
  yield byteOrderMark + csvOf(head, []);
  for await (const row of rows) yield csvRows([row]);
}

/** `amountOf`: what the rows are added up by; the sum stands in the column `summed`, beside that of its currency. */
async function* rowsOf<T>(
  read: (after: string | undefined) => Promise<Result<Page<T>, ConsoleFailure>>,
  rowOf: (item: T) => Row,
  head: readonly string[],
  amountOf: (item: T) => Summed = () => ({ currency: null, amountMinor: null }),
): AsyncGenerator<Row> {
  const sums = new Summing();
  let after: string | undefined;
  let count = 0;
  while (count < exportMax) {
    const page = await read(after);
    // The answer has begun: it is cut off, and so seen not to be whole.
    if (!page.ok) throw new Error(page.error.message);
    for (const item of page.value.items) {
      sums.add(amountOf(item));
      yield rowOf(item);
    }
    count += page.value.items.length;
    if (page.value.next === null) {
      yield* totalRows(count, sums.all(), head);
      return;
    }
    after = page.value.next;
  }
  yield ['more: narrow what is looked for', ...head.slice(1).map(() => null)];
}

/** Behind the list: how many rows, and what they come to; one row a currency. */
function totalRows(count: number, sums: Sums, head: readonly string[]): Row[] {
  const all = `in all: ${count}`;
  const row = (sum: Sums[number] | undefined): Row =>
    head.map((name, at) => {
      if (at === 0) return all;
      if (sum === undefined) return null;
      return name === 'currency' ? sum.currency : summed.has(name) ? sum.amountMinor : null;
    });
  return sums.length === 0 ? [row(undefined)] : sums.map(row);
}
const summed: ReadonlySet<string> = new Set(['amount_minor', 'due_minor']);

const queueHead = [
  'key',
  'kind',
  'since',
  'cabinet',
  'charge',
  'member',
  'amount_minor',
  'currency',
  'about',
  'detail',
];
function queueRow(item: QueueItem): Row {
  const { key, kind, atMs, cabinetId, chargeId, memberId, amountMinor, currency, about, detail } = item;
  return [key, kind, timeOf(atMs), cabinetId, chargeId, memberId, amountMinor, currency, about, detail];
}

const chargeHead = [
  ...['charge', 'visit', 'cabinet', 'member', 'display', 'state', 'reason', 'currency', 'total_minor'],
  ...['held_minor', 'disputed_minor', 'paid_minor', 'opened_at', 'closed_at', 'due_minor', 'phone'],
];
const dueOf = ({ currency, dueMinor }: FoundCharge): Summed => ({ currency, amountMinor: dueMinor });
function chargeRow(found: FoundCharge): Row {
  const { chargeId, visitId, cabinetId, memberId, display, state, reason, currency } = found;
  const { totalMinor, heldMinor, disputedMinor, paidMinor, openedAtMs, closedAtMs, dueMinor } = found;
  return [
    ...[chargeId, visitId, cabinetId, memberId, display, state, reason, currency, totalMinor],
    ...[heldMinor, disputedMinor, paidMinor, timeOf(openedAtMs), timeOf(closedAtMs)],
    ...[dueMinor, found.phoneLastDigits],
  ];
}

const visitHead = [
  ...['visit', 'cabinet', 'member', 'display', 'let_in_at', 'entry', 'ended', 'said_minor'],
  ...['said_held_minor', 'charge', 'phone'],
];
function visitRow(visit: UnchargedVisit): Row {
  const { visitId, cabinetId, memberId, display, atMs, entryMethod, ended, saidMinor } = visit;
  return [
    ...[visitId, cabinetId, memberId, display, timeOf(atMs), entryMethod, ended, saidMinor],
    ...[visit.saidHeldMinor, visit.chargeId, visit.phoneLastDigits],
  ];
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
