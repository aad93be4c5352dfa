import { z } from 'zod';
import { type RunningOperator, startOperator } from '../../operator/start.ts';
import { pgliteTemplate } from '../../operator/testing/templates.ts';
import type { Clock } from '../../shared/clock.ts';
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

/** The real operator service in this process, with what its development API knows and can do. */
export class SharedOperator {
  readonly clock: Clock;
  readonly #running: RunningOperator;
  readonly #dev: string;

  private constructor(clock: Clock, running: RunningOperator, dev: string) {
    this.clock = clock;
    this.#running = running;
    this.#dev = dev;
  }

  /** Takes a second or two: one for a whole test file. */
  static async start(clock: Clock): Promise<SharedOperator> {
    const started = await startOperator({ dev: true, clock, startFrom: await pgliteTemplate() });
    if (!started.ok) throw new Error(`${started.error.code}: ${started.error.message}`);
    const { dev } = started.value;
    if (dev === null) throw new Error('no development API');
    return new SharedOperator(clock, started.value, dev);
  }

  get api(): string {
    return this.#running.api;
  }
  close(): Promise<void> {
    return this.#running.close();
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
  async chargesOf(cabinetId: string): Promise<OperatorCharge[]> {
    const all = z.array(operatorChargeSchema).parse(await this.#get('charges'));
    return all.filter((c) => c.cabinetId === cabinetId);
  }
  async alarmsOf(cabinetId: string): Promise<OperatorAlarm[]> {
    const all = z.array(operatorAlarmSchema).parse(await this.#get('alarms'));
    return all.filter((a) => a.cabinetId === cabinetId);
  }

  async #post(path: string, body: object): Promise<unknown> {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return answerOf(path, await fetch(`${this.#dev}/dev/${path}`, init));
  }
  async #get(path: string): Promise<unknown> {
    return answerOf(path, await fetch(`${this.#dev}/dev/${path}`));
  }
}

async function answerOf(path: string, response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`/dev/${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
