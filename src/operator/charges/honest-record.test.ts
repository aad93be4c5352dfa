import { sign } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type ChainStatement,
  chainHeader,
  chainHeaderOf,
  chainTextToSign,
} from '../../shared/api/chain-header.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { chainEnd, incident } from '../storage/schema.ts';

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const seal = (seq: number): string => String(seq).padStart(64, '0');

/** A cabinet that is honest: what was answered is acknowledged, as `ChargeChain` and `OperatorClient` do it. */
class HonestCabinet {
  readonly #operator: OperatorHarness;
  readonly #cabinet: TestCabinet;
  #toldSeq = 0;

  constructor(operator: OperatorHarness, cabinet = operator.cabinet) {
    this.#operator = operator;
    this.#cabinet = cabinet;
  }

  /** `toldSeq`: other than what was acknowledged, as a record that was put back would have it. */
  async say(seq: number, toldSeq = this.#toldSeq): Promise<void> {
    const { clock } = this.#operator;
    const told = toldSeq === 0 ? null : { seq: toldSeq, seal: seal(toldSeq) };
    const statement: ChainStatement = { seq, seal: seal(seq), told };
    const timestampMs = clock.nowMs();
    const { cabinetId, privateKey } = this.#cabinet;
    const text = chainTextToSign({ ...statement, cabinetId, timestampMs });
    const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
    const headers = {
      ...signedHeaders(this.#cabinet, { method: 'GET', path: '/v1/health', timestampMs }),
      [chainHeader]: chainHeaderOf(statement, signature),
    };
    const answer = await this.#operator.raw({ method: 'GET', url: '/v1/health', headers });
    expect(answer.status).toBe(200);
    this.#toldSeq = seq;
    await clock.advance(10);
  }
}

onStorage('the record of charges of an honest cabinet', (harness) => {
  const incidents = async () =>
    (await harness().db.select().from(incident)).map(({ kind, detail }) => `${kind}: ${detail}`);
  const backup = async () => {
    const { db } = harness();
    const rows = await db.select().from(chainEnd);
    return async () => {
      await db.delete(chainEnd);
      await db.insert(chainEnd).values(rows);
    };
  };

  it('is none that differs, after our clock was a year ahead for a moment', async () => {
    const { clock } = harness();
    const cabinet = new HonestCabinet(harness());
    await cabinet.say(5);
    await cabinet.say(8);
    clock.jumpWall(yearMs);
    await cabinet.say(10);
    clock.jumpWall(-yearMs);
    // A year of selling, then it is that time again.
    for (let seq = 20; seq <= 130; seq += 10) {
      clock.jumpWall(yearMs / 12 + 60_000);
      await cabinet.say(seq);
    }
    await cabinet.say(140);
    expect(await incidents()).toEqual([]);
  });

  it('is compared as before while a stamp of that clock is kept: one that goes back is noticed', async () => {
    const { clock } = harness();
    const cabinet = new HonestCabinet(harness());
    await cabinet.say(8);
    clock.jumpWall(yearMs);
    await cabinet.say(10);
    clock.jumpWall(-yearMs);
    await cabinet.say(12);
    await cabinet.say(9, 8);
    expect(await incidents()).toEqual(['record_differs: goes back to event 8; event 12 had been told']);
  });

  it('is not doubted when our database was put back: that is told, by each cabinet, and each time', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const cabinets = [new HonestCabinet(operator), new HonestCabinet(operator, other)];
    const all = async (seq: number) => {
      for (const cabinet of cabinets) await cabinet.say(seq);
    };
    await all(5);
    await all(8);
    const restore = await backup();
    for (let seq = 12; seq <= 30; seq += 2) await all(seq);
    operator.clock.jumpWall(dayMs);
    await restore();
    await all(32);
    await all(34);
    const told = (cabinetId: string) =>
      new RegExp(`^database_put_back: event 30 of ${cabinetId} .* no event after 8 is known`);
    const [ofFirst, ofSecond] = [told('CAB-1'), told('CAB-2')];
    expect(await incidents()).toEqual([expect.stringMatching(ofFirst), expect.stringMatching(ofSecond)]);
    const restoreAgain = await backup();
    await all(36);
    await restoreAgain();
    await all(38);
    expect(await incidents()).toHaveLength(4);
  });

  it('is doubted when it has lost what it had told, also beyond what is known here', async () => {
    const cabinet = new HonestCabinet(harness());
    await cabinet.say(5);
    await cabinet.say(8);
    await cabinet.say(20, 30);
    expect(await incidents()).toEqual(['record_differs: ends with event 20; event 30 had been told']);
  });
});
