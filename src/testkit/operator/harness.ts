import { asc, eq, sql } from 'drizzle-orm';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { Pool } from 'pg';
import { assert } from '../../shared/assert.ts';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { MemberCodePurpose } from '../../shared/model/member.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { ComposeOptions, Operator } from '../../operator/compose.ts';
import { compose } from '../../operator/compose.ts';
import { development } from '../../operator/http/development.ts';
import type { ChargeId, EnrolmentId, VisitId } from '../../shared/ids.ts';
import type { Currency } from '../../shared/money.ts';
import { serveCatalog } from '../../operator/fleet/catalog.ts';
import type { QrSignIn } from '../../operator/visits/qr-sign-in.ts';
import type { DebitWorker } from '../../operator/debits/debit-worker.ts';
import { enrol, issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import type { FakeProvider } from '../../operator/providers/fake-provider.ts';
import { makeMemberCodeKeys } from '../../operator/members/member-code-keys.ts';
import type { MemberCodeKeys } from '../../operator/members/member-code.ts';
import { makeMemberCode } from '../../operator/members/member-code.ts';
import { seedMembers } from '../../operator/members/sample-members.ts';
import { charge, fakeOrder, incident } from '../../operator/storage/schema.ts';
import { EmbeddedClient } from '../../operator/storage/embedded-client.ts';
import type { Db } from '../../operator/storage/storage.ts';
import type { TestCabinet } from './cabinet.ts';
import { makeCabinet, newChargeId, newEnrolmentId, newVisitId, signedHeaders } from './cabinet.ts';

const busyStepMs = 100;
/** Real time that a step of the clock waits for the database: as long only where a test holds a lock while time passes. */
const quietMaxMs = 30_000;
/** For what the database's connections do not say of themselves. */
const silenceMs = 20;
const workStepsMax = 20_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, unknown>;
}

export const sampleCatalog = {
  version: 'test-1',
  currency: 'CNY',
  products: Object.entries({ A1: 350, B2: 600, C3: 200, D4: 3_100, E5: 20_000, A: 100, B: 20, C: 3 }).map(
    ([sku, priceMinor]) => ({
      sku,
      name: { zh: `货${sku}`, en: sku },
      priceMinor,
      weightG: 520,
      picture: 'water',
    }),
  ),
  tags: [{ epc: 'E28011700000020F12345678', sku: 'A1' }],
};

export interface Visit {
  readonly visitId: VisitId;
  readonly chargeId: ChargeId;
  readonly cabinetId: string;
  readonly memberId: string;
}

export type OperatorHarnessOptions = Pick<
  ComposeOptions,
  'onceForEachNumber' | 'wrapProvider' | 'realProviders' | 'policy' | 'phoneAddress' | 'serviceContact'
> & {
  /** `false`: the keys for member codes are the database's. */
  readonly ownMemberCodeKeys?: boolean;
  /** Of the catalogue; absent: that of `sampleCatalog`. */
  readonly currency?: Currency;
};

interface World {
  readonly db: Db;
  readonly clock: FakeClock;
  readonly keys: MemberCodeKeys;
  readonly cabinet: TestCabinet;
}

/**
 * The whole service on one database, without sockets, on a clock that moves only when told to. One enrolled cabinet, the
 * sample members.
 */
export class OperatorHarness {
  readonly db: Db;
  readonly clock: FakeClock;
  readonly operator: Operator;
  readonly keys: MemberCodeKeys;
  readonly cabinet: TestCabinet;
  /** What drizzle sends its questions through. */
  readonly #client: unknown;

  private constructor({ db, clock, keys, cabinet }: World, options: OperatorHarnessOptions) {
    this.db = db;
    this.#client = '$client' in db ? db.$client : undefined;
    this.clock = clock;
    this.keys = keys;
    this.cabinet = cabinet;
    const catalog = serveCatalog(
      { ...sampleCatalog, currency: options.currency ?? sampleCatalog.currency },
      'test',
    );
    assert(catalog.ok, 'the test catalogue is right');
    this.operator = compose({
      ...options,
      db,
      clock,
      logger: silentLogger,
      random: { bytes: (count) => systemRandom.bytes(count), unit: () => 0.5 },
      catalog: catalog.value,
      memberCodeKeys: options.ownMemberCodeKeys === false ? undefined : keys,
      development,
      requestReceiveTimeoutMs: 500,
    });
  }

  /** `cabinet`: the one that the database knows from before; absent: a new one. */
  static async make(
    db: Db,
    options: OperatorHarnessOptions = {},
    cabinet = makeCabinet('CAB-1'),
  ): Promise<OperatorHarness> {
    const world = { db, clock: new FakeClock(), keys: makeMemberCodeKeys(), cabinet };
    const harness = new OperatorHarness(world, options);
    await seedMembers(db);
    await harness.enrol(harness.cabinet);
    harness.operator.start();
    return harness;
  }

  get app(): FastifyInstance {
    return this.operator.api;
  }
  get provider(): FakeProvider {
    return this.operator.fakeProvider;
  }
  get worker(): DebitWorker {
    return this.operator.worker;
  }
  get qrSignIn(): QrSignIn {
    return this.operator.qrSignIn;
  }

  /** The same database and people after a crash: nothing of the old process is left but what it wrote. */
  restarted(options: OperatorHarnessOptions = {}): OperatorHarness {
    const harness = new OperatorHarness(this, options);
    harness.operator.start();
    return harness;
  }

  async close(): Promise<void> {
    await this.during(this.operator.stop());
  }

  async enrol(cabinet: TestCabinet): Promise<void> {
    const token = await issueEnrolToken(this.db, this.clock, systemRandom, cabinet.cabinetId);
    const { cabinetId, publicKey } = cabinet;
    const done = await enrol(this.db, this.clock, { cabinetId, token, publicKey });
    assert(done.ok, 'a fresh token enrols');
  }

  async send(
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
    cabinet = this.cabinet,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const payload = text === undefined ? {} : { body: text };
    const signed = signedHeaders(cabinet, { method, path, timestampMs: this.clock.nowMs(), ...payload });
    const headers = { ...signed, ...more };
    return this.raw({ method, url: path, headers, ...(text === undefined ? {} : { payload: text }) });
  }

  /** A request as given, without a signature of ours. */
  async raw(options: InjectOptions): Promise<Answer> {
    const response = await this.app.inject(options);
    const isJson = String(response.headers['content-type']).includes('json') && response.body !== '';
    const body: unknown = isJson ? response.json() : response.body;
    return { status: response.statusCode, body, headers: response.headers };
  }

  code(memberId = 'M1001', expiresInS = 60, purpose: MemberCodePurpose = 'visit'): string {
    return makeMemberCode(
      this.keys,
      systemRandom,
      memberId,
      Math.ceil(this.clock.nowMs() / 1000) + expiresInS,
      purpose,
    );
  }

  async authorise(visitId: VisitId, code: string, cabinet = this.cabinet): Promise<AuthoriseReply> {
    const answer = await this.send('POST', '/v1/visits/authorise', { visitId, code }, cabinet);
    assert(answer.status === 200, `authorise answered ${answer.status}`);
    return authoriseReplySchema.parse(answer.body);
  }

  /** A visit that the operator has allowed. */
  async visit(memberId = 'M1001', cabinet = this.cabinet): Promise<Visit> {
    const nowMs = this.clock.nowMs();
    const visitId = newVisitId(nowMs);
    const reply = await this.authorise(visitId, this.code(memberId), cabinet);
    assert(reply.decision === 'allowed', 'a member in good standing is allowed');
    return { visitId, chargeId: newChargeId(nowMs), cabinetId: cabinet.cabinetId, memberId };
  }

  /** A face that a member has enrolled with a code of their own. */
  async enrolFace(memberId = 'M1001', cabinet = this.cabinet): Promise<EnrolmentId> {
    const nowMs = this.clock.nowMs();
    const visitId = newVisitId(nowMs);
    const code = this.code(memberId, 60, 'enrol');
    await this.send('POST', '/v1/visits/authorise', { visitId, code, purpose: 'account' }, cabinet);
    const enrolmentId = newEnrolmentId(nowMs);
    const answer = await this.send('PUT', `/v1/face-enrolments/${enrolmentId}`, { visitId }, cabinet);
    assert(answer.status === 204, `enrolling a face answered ${answer.status}`);
    return enrolmentId;
  }

  /** Lets the clock run until `work` has ended. */
  async during<T>(work: Promise<T>, stepMs = 10): Promise<T> {
    const state = { ended: false };
    const end = (): void => {
      state.ended = true;
    };
    work.then(end, end);
    for (let i = 0; i < workStepsMax; i++) {
      await this.#breathe();
      if (state.ended) return work;
      await this.clock.advance(stepMs);
    }
    throw new Error(`the work does not end within ${workStepsMax} steps`);
  }

  /** Moves the clock by `ms` in steps, letting the database work in between. */
  async pass(ms: number, stepMs = 500): Promise<void> {
    await this.#breathe();
    for (let leftMs = ms; leftMs > 0;) leftMs -= await this.#step(stepMs, leftMs);
  }

  /** Until the database has nothing in hand: it works in real time, and the clock must not run ahead of it. */
  async #breathe(): Promise<void> {
    await turns();
    // What comes through a socket of ours takes real time.
    if (this.app.server.listening) await new Promise((resolve) => setTimeout(resolve, 1));
    const client = this.#client;
    if (client instanceof EmbeddedClient) {
      while (client.isBusy) {
        // One question after the other. (It is closed where a test wants to see what happens then.)
        await this.db.execute(sql`select 1`).catch(() => undefined);
        await turns();
      }
    }
    if (!(client instanceof Pool)) return;
    const endMs = performance.now() + quietMaxMs;
    while (client.totalCount > client.idleCount && performance.now() < endMs) {
      await oneIsFree(client);
      await turns();
    }
  }

  /**
   * One step of the clock, of `leftMs` at most; says how long it was. Where nothing is due for longer than a step it leads to
   * what is due next. While a debit is under way it is short: a leap over the bounds of a running call would be a provider
   * that is slower than any lease.
   */
  async #step(stepMs: number, leftMs: number): Promise<number> {
    const nextMs = this.clock.untilNextMs() ?? leftMs;
    const wantedMs = this.worker.runningCount > 0 ? Math.min(stepMs, busyStepMs) : Math.max(stepMs, nextMs);
    const takenMs = Math.min(wantedMs, leftMs);
    await this.clock.advance(takenMs);
    await this.#breathe();
    return takenMs;
  }

  /** Moves the clock until `check` holds, at most by `boundMs`. The database works in between, however slow the machine is. */
  async until(check: () => Promise<boolean>, boundMs: number, stepMs = 100): Promise<void> {
    await this.#breathe();
    for (let leftMs = boundMs; !(await check()); leftMs -= await this.#step(stepMs, leftMs))
      assert(leftMs > 0, `it did not happen within ${boundMs} ms`);
  }

  /** Moves the clock until the charge has that state. */
  async untilState(chargeId: string, state: string, boundMs: number, stepMs = 100): Promise<void> {
    await this.until(async () => (await this.chargeRow(chargeId)).state === state, boundMs, stepMs);
  }

  async chargeRow(chargeId: string): Promise<typeof charge.$inferSelect> {
    const [row] = await this.db.select().from(charge).where(eq(charge.chargeId, chargeId));
    assert(row !== undefined, 'the charge is there');
    return row;
  }

  /** How often money moved for this charge. */
  async debitCount(chargeId: string): Promise<number> {
    const [row] = await this.db.select().from(fakeOrder).where(eq(fakeOrder.chargeId, chargeId));
    return row?.debitCount ?? 0;
  }

  async incidentKinds(): Promise<string[]> {
    const rows = await this.db.select({ kind: incident.kind }).from(incident).orderBy(asc(incident.id));
    return rows.map((row) => row.kind);
  }
}

/** A few turns of the event loop: what goes on without a database or a socket has gone as far as it can. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Until a connection in use is given back, or is gone; one that never came about says neither. */
function oneIsFree(pool: Pool): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      for (const event of ['release', 'remove']) pool.off(event, end);
      resolve();
    };
    const timer = setTimeout(end, silenceMs);
    for (const event of ['release', 'remove'] as const) pool.on(event, end);
  });
}
