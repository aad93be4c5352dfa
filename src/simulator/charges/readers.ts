import { systemRandom } from '../../shared/node/system-random.ts';
import type { Clock } from '../../shared/clock.ts';
import { enrol, issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import { makeMemberCode } from '../../operator/members/member-code.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { makeCabinet, newVisitId, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { Told } from './auditor.ts';
import { toldOf } from './books.ts';
import type { Operators } from './operators.ts';
import type { Payers } from './payers.ts';

export interface ReadersOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly operators: Operators;
  readonly payers: Payers;
}

/** Members who look into "my purchases", at a cabinet that nobody has shopped at. */
export class Readers {
  readonly #o: ReadersOptions;
  readonly #cabinet = makeCabinet('S-9999');
  #isEnrolled = false;

  constructor(options: ReadersOptions) {
    this.#o = options;
  }

  /** What each of them reads now. */
  async read(): Promise<Told[]> {
    const { clock, payers, operators } = this.#o;
    await this.#enrol();
    const told: Told[] = [];
    for (const { memberId } of payers.all) {
      const visitId = newVisitId(clock.nowMs());
      const expiresAtS = Math.ceil(clock.nowMs() / 1000) + 50;
      const code = makeMemberCode(operators.memberCodeKeys, systemRandom, memberId, expiresAtS);
      await this.#ask('/v1/visits/authorise', { visitId, code, purpose: 'account' });
      told.push(...toldOf(memberId, await this.#ask('/v1/purchases', { visitId })));
    }
    return told;
  }

  async #enrol(): Promise<void> {
    if (this.#isEnrolled) return;
    this.#isEnrolled = true;
    const { db, clock } = this.#o;
    const { cabinetId, publicKey } = this.#cabinet;
    const token = await issueEnrolToken(db, clock, systemRandom, cabinetId);
    await enrol(db, clock, { cabinetId, token, publicKey });
  }

  async #ask(path: string, payload: object): Promise<unknown> {
    const { clock, operators } = this.#o;
    const text = JSON.stringify(payload);
    const timestampMs = clock.nowMs();
    const headers = signedHeaders(this.#cabinet, { method: 'POST', path, timestampMs, body: text });
    const served = operators.serve(
      {
        ...{ method: 'POST', headers, timeoutMs: 10_000, responseMaxBytes: 1e6 },
        url: new URL(path, 'https://operator.example'),
        body: Buffer.from(text),
      },
      0,
    );
    const answer = await served?.answer;
    return JSON.parse(answer?.body.toString('utf8') || '{}');
  }
}
