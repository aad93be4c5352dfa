import { sql } from 'drizzle-orm';
import type { Db } from '../../operator/storage/storage.ts';
import type { Books, Movement, OperatorRow, Told } from './auditor.ts';
import { orderOfAlipay, orderOfWechat } from './payers.ts';
import type { Payers } from './payers.ts';

type Row = Readonly<Record<string, unknown>>;

/** Plain SQL: nothing of the operator's own reading is used. */
async function rowsOf(db: Db, text: string): Promise<Row[]> {
  const answer: unknown = await db.execute(sql.raw(text));
  return (answer as { rows: Row[] }).rows;
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The part of the books that lies in the operator's database. */
export async function readOperatorBooks(
  db: Db,
): Promise<Pick<Books, 'operator' | 'allowed' | 'ended' | 'incidents' | 'differences'>> {
  const pieces = new Map<string, { billed: string[]; held: string[] }>();
  for (const row of await rowsOf(db, 'select charge_id, held, sku, count from charge_line')) {
    const of = pieces.get(textOf(row['charge_id'])) ?? { billed: [], held: [] };
    pieces.set(textOf(row['charge_id']), of);
    const list = row['held'] === true || row['held'] === 't' ? of.held : of.billed;
    list.push(...Array<string>(Number(row['count'])).fill(textOf(row['sku'])));
  }
  const charges = await rowsOf(
    db,
    'select charge_id, visit_id, member_id, state, reason, total_minor, held_minor, disputed_minor from charge',
  );
  const operator: OperatorRow[] = charges.map((row) => ({
    chargeId: textOf(row['charge_id']),
    visitId: textOf(row['visit_id']),
    memberId: textOf(row['member_id']),
    state: textOf(row['state']),
    reason: textOrNull(row['reason']),
    totalMinor: Number(row['total_minor']),
    heldMinor: Number(row['held_minor']),
    disputedMinor: Number(row['disputed_minor']),
    ...(pieces.get(textOf(row['charge_id'])) ?? { billed: [], held: [] }),
  }));
  const visits = await rowsOf(
    db,
    "select cabinet_id, visit_id from visit where allowed and purpose = 'visit' and charge_id is not null",
  );
  const closings = await rowsOf(db, 'select visit_id from visit_closing');
  const incidents = await rowsOf(db, 'select kind, charge_id from incident');
  const differences = await rowsOf(
    db,
    `select kind, order_id, there_minor from difference
     where state = 'open' and not is_gone and provider <> 'operator'`,
  );
  return {
    operator,
    differences: differences.map((row) => ({
      kind: textOf(row['kind']),
      orderId: textOf(row['order_id']),
      thereMinor: Number(row['there_minor']),
    })),
    allowed: visits.map((row) => ({
      cabinetId: textOf(row['cabinet_id']),
      visitId: textOf(row['visit_id']),
    })),
    ended: new Set(closings.map((row) => textOf(row['visit_id']))),
    incidents: incidents.map((row) => ({
      kind: textOf(row['kind']),
      chargeId: textOrNull(row['charge_id']),
    })),
  };
}

/** Each provider's own book: of those that have a server in its memory, of the two whose book is a table there. */
export async function readLedgers(
  db: Db,
  payers: Payers,
): Promise<{
  movements: Movement[];
  holds: { orderId: string; amountMinor: number }[];
  openOrders: string[];
  chargedBack: Map<string, number>;
}> {
  const movements: Movement[] = [];
  for (const { no, openid, amountMinor } of payers.wechat.server.book.movements)
    movements.push({ provider: 'wechat', orderId: orderOfWechat(no), payer: openid, amountMinor });
  for (const { outOrderNo, agreementId, amountMinor } of payers.alipay.server.book.movements)
    movements.push({
      provider: 'alipay',
      orderId: orderOfAlipay(outOrderNo),
      payer: agreementId,
      amountMinor,
    });
  const { book } = payers.stripe.server;
  const orders = new Set<string>();
  for (const { orderId, intentId, amountMinor } of book.movements) {
    const intent = book.show(intentId);
    const payer = textOf(intent['customer']) || (payers.linkPayers.get(orderId) ?? '');
    movements.push({ provider: 'stripe', orderId, payer, amountMinor });
    orders.add(orderId);
  }
  const orderIds = await rowsOf(db, "select order_id from provider_order where provider = 'stripe'");
  const holds = orderIds.map((row) => {
    const orderId = textOf(row['order_id']);
    return { orderId, amountMinor: book.heldMinor(orderId) };
  });
  const openOrders = [
    ...payers.wechat.server.book.openNumbers().map(orderOfWechat),
    ...payers.alipay.server.book.openNumbers().map(orderOfAlipay),
  ];
  const fake = await rowsOf(db, 'select charge_id, member_id, amount_minor, debit_count from fake_order');
  for (const row of fake)
    for (let i = 0; i < Number(row['debit_count']); i++)
      movements.push({
        ...{ provider: 'fake', orderId: textOf(row['charge_id']), payer: textOf(row['member_id']) },
        amountMinor: Number(row['amount_minor']),
      });
  const fakeBack = await rowsOf(
    db,
    `select back.charge_id, back.amount_minor, paid.member_id
     from fake_refund as back join fake_order as paid using (charge_id)`,
  );
  for (const row of fakeBack)
    movements.push({
      ...{ provider: 'fake', orderId: textOf(row['charge_id']), payer: textOf(row['member_id']) },
      amountMinor: -Number(row['amount_minor']),
    });
  const wallet = await rowsOf(
    db,
    `select entry.kind, entry.order_id, entry.amount_minor, coalesce(payer.member_id, payee.member_id) as member_id
     from wallet_entry as entry
       join wallet_account as payer on payer.account_id = entry.debit_account_id
       join wallet_account as payee on payee.account_id = entry.credit_account_id
     where entry.kind in ('debit', 'refund')`,
  );
  for (const row of wallet)
    movements.push({
      ...{ provider: 'wallet', orderId: textOf(row['order_id']), payer: textOf(row['member_id']) },
      amountMinor: Number(row['amount_minor']) * (row['kind'] === 'refund' ? -1 : 1),
    });
  const chargedBack = new Map<string, number>();
  for (const { orderId, kind, amountMinor } of payers.chargebacks) {
    const leftMinor = (chargedBack.get(orderId) ?? 0) + (kind === 'chargeback' ? amountMinor : -amountMinor);
    if (leftMinor > 0) chargedBack.set(orderId, leftMinor);
    else chargedBack.delete(orderId);
  }
  return { movements, holds, openOrders, chargedBack };
}

/** How the operator has these charges. */
export async function readStates(db: Db, chargeIds: readonly string[]): Promise<string[]> {
  if (chargeIds.length === 0) return [];
  const list = chargeIds.map((chargeId) => `'${chargeId}'`).join(', ');
  const rows = await rowsOf(db, `select state from charge where charge_id in (${list})`);
  return rows.map((row) => textOf(row['state']));
}

/** What the operator has on record of one charge, oldest first: for whoever looks for what went wrong. */
export async function operatorStory(db: Db, chargeId: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [table, key, order] of [
    ['charge', 'charge_id', 'charge_id'],
    ['visit_order', 'order_id', 'order_id'],
    ['provider_order', 'order_id', 'began_at_ms'],
    ['early_resolution', 'charge_id', 'charge_id'],
    ['charge_event', 'charge_id', 'at_ms'],
    ['debit_attempt', 'charge_id', 'started_at_ms'],
    ['refund', 'charge_id', 'refund_id'],
  ] as const) {
    const one = `select row_to_json(t)::text as line from ${table} as t where ${key} = '${chargeId}' order by ${order}`;
    for (const row of await rowsOf(db, one)) lines.push(`operator, ${table}: ${textOf(row['line'])}`);
  }
  return lines;
}

/** What one member reads in "my purchases". */
export function toldOf(memberId: string, reply: unknown): Told[] {
  const text = JSON.stringify(reply);
  const { purchases = [] } = JSON.parse(text) as { purchases?: Row[] };
  return purchases.map((row) => ({
    memberId,
    chargeId: textOf(row['chargeId']),
    state: textOf(row['state']),
    reason: textOrNull(row['reason']),
    how: textOrNull((row['resolved'] as Row | null | undefined)?.['how']),
    backMinor: doneMinorOf(row['refund'] as Row | undefined),
  }));
}

function doneMinorOf(refund: Row | undefined): number {
  return refund?.['stage'] === 'done' ? Number(refund['amountMinor']) : 0;
}
