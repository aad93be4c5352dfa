import { sign } from 'node:crypto';
import { asc } from 'drizzle-orm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ChainStatement,
  chainHeader,
  chainHeaderOf,
  chainTextToSign,
  parseChainHeader,
} from '../../shared/api/chain-header.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { chainEndCountMax } from '../limits.ts';
import { chainEnd, incident } from '../storage/schema.ts';

const seal = (seq: number, story = 0): string => `${story}${seq}`.padStart(64, '0');
const at = (seq: number, toldSeq = 0, story = 0): ChainStatement => ({
  seq,
  seal: seal(seq, story),
  told: toldSeq === 0 ? null : { seq: toldSeq, seal: seal(toldSeq, story) },
});

describe('the header', () => {
  it('is read as it was written', () => {
    const signature = 'a'.repeat(86);
    for (const statement of [at(1), at(70, 60), { ...at(70, 60), told: { seq: 60, seal: null } }]) {
      expect(parseChainHeader(chainHeaderOf(statement, signature))).toEqual({ statement, signature });
    }
  });
  it.each([
    '',
    '1',
    `0.${seal(1)}.0.-.${'a'.repeat(86)}`,
    `1.${seal(1)}.0.-.short`,
    `1.x.0.-.${'a'.repeat(86)}`,
  ])('that is none: %j', (text) => {
    expect(parseChainHeader(text)).toBeNull();
  });
});

onStorage('where the record of charges ends', (harness) => {
  let operator: OperatorHarness;
  beforeEach(() => {
    operator = harness();
  });
  /** `of`: whose record it is, and who sends it; `by`: who has signed it. */
  const say = async (
    statement: ChainStatement,
    options: { of?: TestCabinet; by?: TestCabinet; offMs?: number } = {},
  ) => {
    const { of = operator.cabinet, by = of, offMs = 0 } = options;
    const timestampMs = operator.clock.nowMs() + offMs;
    const text = chainTextToSign({ ...statement, cabinetId: of.cabinetId, timestampMs });
    const signature = sign(null, Buffer.from(text), by.privateKey).toString('base64url');
    const headers = {
      ...signedHeaders(of, { method: 'GET', path: '/v1/health', timestampMs }),
      [chainHeader]: chainHeaderOf(statement, signature),
    };
    const answer = await operator.raw({ method: 'GET', url: '/v1/health', headers });
    expect(answer.status).toBe(200);
    await operator.clock.advance(10);
  };
  const incidents = async () =>
    (await operator.db.select().from(incident)).map(({ kind, detail }) => `${kind}: ${detail}`);
  const kept = async () =>
    (await operator.db.select().from(chainEnd).orderBy(asc(chainEnd.seq))).map(({ seq }) => seq);

  it('goes on from what was told: nothing to say, and no more is kept than can be asked for', async () => {
    // The first answers are lost, too.
    await say(at(3));
    await say(at(3));
    await say(at(4));
    await say(at(5, 3));
    await say(at(9, 5));
    // Answers that were lost: what was acknowledged stays the same.
    for (let i = 0; i < 2 * chainEndCountMax; i++) await say(at(10 + i, 5));
    expect((await kept()).length).toBeLessThanOrEqual(chainEndCountMax + 1);
    await say(at(200, 9 + 2 * chainEndCountMax));
    expect(await kept()).toEqual([9 + 2 * chainEndCountMax, 200]);
    expect(await incidents()).toEqual([]);
  });

  it.each<[string, ChainStatement, RegExp]>([
    ['the last charge was taken out', at(8, 5), /goes back to event 5/],
    ['the disk is an older copy', at(7, 6), /goes back to event 6/],
    ['the chain was computed anew', at(12, 10, 1), /event 10 is not the one/],
    ['the same number is another event', { ...at(10, 10), seal: seal(10, 1) }, /event 10 is not the one/],
    ['what was acknowledged is gone', { ...at(12, 10), told: { seq: 10, seal: null } }, /event 10 is not/],
    ['a record that begins anew', at(4), /begins anew/],
  ])('%s: one incident, and from then on the new one counts', async (_, statement, words) => {
    await say(at(8));
    await say(at(10, 8));
    await say(at(11, 10));
    await say(statement);
    const [first, ...more] = await incidents();
    expect(first).toMatch(/^record_differs: /);
    expect(first).toMatch(words);
    expect(more).toEqual([]);
    await say({
      ...statement,
      seq: 40,
      seal: seal(40, 1),
      told: { seq: statement.seq, seal: statement.seal },
    });
    expect(await incidents()).toHaveLength(1);
  });

  it('computed anew beyond what was told: says so of its cabinet, also after another one has', async () => {
    const other = makeCabinet('CAB-9');
    await operator.enrol(other);
    for (const of of [operator.cabinet, other]) {
      await say(at(8), { of });
      await say(at(10, 8), { of });
    }
    operator.clock.jumpWall(60_000);
    await say(at(31, 30, 1), { of: other });
    operator.clock.jumpWall(60_000);
    await say(at(13, 12, 1));
    await say(at(14, 13, 1));
    // Nobody has looked at the first yet.
    await say(at(51, 50, 2));
    expect(await incidents()).toEqual([
      expect.stringMatching(/^database_put_back: event 30 of CAB-9 /),
      expect.stringMatching(/^database_put_back: event 12 of CAB-1 /),
      expect.stringMatching(/^database_put_back: event 50 of CAB-1 /),
    ]);
  });

  it('what was late on its way says nothing', async () => {
    await say(at(8));
    await say(at(10, 8));
    await say(at(12, 10));
    await say(at(9, 8), { offMs: -15 });
    expect(await incidents()).toEqual([]);
    expect(await kept()).toEqual([10, 12]);
  });

  it('costs no transaction while nothing has changed, and the key is read once for a call', async () => {
    await say(at(8));
    await say(at(10, 8));
    const transaction = vi.spyOn(operator.db, 'transaction');
    const select = vi.spyOn(operator.db, 'select');
    await say(at(10, 8));
    expect(transaction).not.toHaveBeenCalled();
    const keyReads = select.mock.calls.filter(([fields]) => 'publicKey' in { ...fields });
    expect(keyReads).toHaveLength(1);
    await say(at(12, 10));
    expect(transaction).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    expect(await kept()).toEqual([10, 12]);
  });

  it('is the word of the cabinet itself only', async () => {
    await say(at(8), { by: makeCabinet('CAB-2') });
    expect(await kept()).toEqual([]);
  });
});
