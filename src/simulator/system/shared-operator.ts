import { asc } from 'drizzle-orm';
import { z } from 'zod';
import { payPath } from '../../operator/http/development-api.ts';
import { type Operator, compose } from '../../operator/compose.ts';
import { serveCatalog } from '../../operator/fleet/catalog.ts';
import { makeMemberCodeKeys } from '../../operator/members/member-code-keys.ts';
import { seedMembers } from '../../operator/members/sample-members.ts';
import { chargeEvent } from '../../operator/storage/schema.ts';
import { type Storage, openStorage } from '../../operator/storage/storage.ts';
import { pgliteTemplate } from '../../operator/testing/templates.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { Clock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { MemoryServer } from './memory-network.ts';
import { chargeLineSchema, reasonCodeSchema } from '../../shared/model/charge.schema.ts';

const operatorChargeSchema = z.object({
  chargeId: z.string(),
  visitId: z.string(),
  cabinetId: z.string(),
  memberId: z.string(),
  state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']),
  reason: reasonCodeSchema.nullable(),
  review: z.boolean(),
  totalMinor: z.number(),
  receivedCount: z.number(),
  /** From the provider's book: how often money moved, and how much. */
  debitCount: z.number(),
  debitedMinor: z.number(),
  lines: z.array(chargeLineSchema),
  heldLines: z.array(chargeLineSchema),
  reviewReasons: z.array(reasonCodeSchema),
});
export type OperatorCharge = z.infer<typeof operatorChargeSchema>;

const operatorAlarmSchema = z.object({
  cabinetId: z.string(),
  kind: z.string(),
  visitId: z.string().nullable(),
});
export type OperatorAlarm = z.infer<typeof operatorAlarmSchema>;

/** How the operator's API misbehaves; see operator/faults.ts. */
export interface OrderedFault {
  mode: 'none' | '500' | '409' | 'garbage' | 'hang' | 'drop' | 'delay';
  path?: string;
  count?: number;
  when?: 'before' | 'after';
  delayMs?: number;
}

/** Nobody's (RFC 2606). */
const payOrigin = 'https://operator.example';

/** The real operator service in this process, without sockets, with what its development API knows and can do. */
export class SharedOperator {
  readonly clock: Clock;
  /** Its API, for the network of a cabinet. */
  readonly server: MemoryServer;
  readonly #operator: Operator;
  readonly #storage: Storage;

  private constructor(clock: Clock, operator: Operator, storage: Storage) {
    this.clock = clock;
    this.#operator = operator;
    this.#storage = storage;
    this.server = new MemoryServer(operator.api);
  }

  /** Takes a second or two: one for a whole test file. `seed` of all its chance. */
  static async start(clock: Clock, seed = 1): Promise<SharedOperator> {
    const storage = unwrap(await openStorage({ startFrom: await pgliteTemplate(), logger: silentLogger }));
    const { db } = storage;
    const operator = compose({
      db,
      clock,
      random: new SeededRandom(seed),
      logger: silentLogger,
      catalog: unwrap(serveCatalog(loadSampleCatalog(), 'sample')),
      memberCodeKeys: makeMemberCodeKeys(),
      development: true,
    });
    await seedMembers(db);
    operator.fakeProvider.takePaymentsAt(`${payOrigin}${payPath}`);
    const shared = new SharedOperator(clock, operator, storage);
    operator.start();
    return shared;
  }

  /** Each event of each charge, oldest first, a line each. */
  async eventLog(): Promise<string[]> {
    const rows = await this.#storage.db.select().from(chargeEvent).orderBy(asc(chargeEvent.id));
    return rows.map((row) => JSON.stringify(row));
  }
  async close(): Promise<void> {
    await this.#operator.stop();
    await this.#storage.close();
  }

  async enrolToken(cabinetId: string): Promise<string> {
    return z.object({ token: z.string() }).parse(await this.#post('enrol-token', { cabinetId })).token;
  }
  /** As the member's phone shows it; a negative life makes one that has expired. */
  async memberCode(memberId: string, expiresInS?: number): Promise<string> {
    const body = { memberId, ...(expiresInS === undefined ? {} : { expiresInS }) };
    return z.object({ code: z.string() }).parse(await this.#post('member-codes', body)).code;
  }
  /** What the member's app sends after it has scanned the cabinet's QR. */
  async qrSignIn(memberId: string, text: string): Promise<{ accepted: boolean; reason?: string }> {
    const schema = z.object({ accepted: z.boolean(), reason: z.string().optional() });
    const { accepted, reason } = schema.parse(await this.#post('claims', { memberId, text }));
    return reason === undefined ? { accepted } : { accepted, reason };
  }
  async fault(fault: OrderedFault): Promise<void> {
    await this.#post('faults', fault);
  }
  async provider(settings: object): Promise<void> {
    await this.#post('provider', settings);
  }
  /** What a member's phone does with the QR of an unpaid purchase; true: paid. */
  async pay(payUrl: string): Promise<boolean> {
    const { pathname } = new URL(payUrl);
    const answer = await this.#ask({ method: 'POST', url: pathname });
    return z.object({ paid: z.boolean() }).parse(answer).paid;
  }
  async chargesOf(cabinetId: string): Promise<OperatorCharge[]> {
    const all = z.array(operatorChargeSchema).parse(await this.#get('charges'));
    return all.filter((c) => c.cabinetId === cabinetId);
  }
  async alarmsOf(cabinetId: string): Promise<OperatorAlarm[]> {
    const all = z.array(operatorAlarmSchema).parse(await this.#get('alarms'));
    return all.filter((a) => a.cabinetId === cabinetId);
  }

  #post(path: string, body: object): Promise<unknown> {
    return this.#ask({ method: 'POST', url: `/dev/${path}`, payload: body });
  }
  #get(path: string): Promise<unknown> {
    return this.#ask({ method: 'GET', url: `/dev/${path}` });
  }
  async #ask(request: { method: 'GET' | 'POST'; url: string; payload?: object }): Promise<unknown> {
    const response = await this.#operator.developmentApi?.inject(request);
    if (response?.statusCode !== 200)
      throw new Error(`${request.url}: ${String(response?.statusCode)} ${response?.body ?? ''}`);
    return response.json();
  }
}
