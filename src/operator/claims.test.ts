import { sign } from 'node:crypto';
import { count } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../core/identity/cabinet-code.ts';
import { claimWaitMaxMs } from '../shared/api/operator.ts';
import { cabinetCodeLifetimeMs } from '../shared/model/cabinet-code.ts';
import { cabinetCodeGraceMs, claimKeptMs, memberCodeLifetimeS } from './limits.ts';
import { cabinetClaim } from './storage/schema.ts';
import type { TestCabinet } from './testing/cabinet.ts';
import { makeCabinet, newVisitId } from './testing/cabinet.ts';
import type { Answer, Rig } from './testing/rig.ts';
import { onEachStorage } from './testing/suite.ts';

const [showing, laterShowing] = ['AAAAAAA2', 'BBBBBBB3'];
const accepted = { accepted: true, cabinetId: 'CAB-1' };
const refused = (reason: string) => ({ accepted: false, reason });
const nobody = { status: 200, body: { code: null } };

interface Shown {
  readonly cabinet?: TestCabinet;
  readonly showing?: string;
  /** From now until it ends. */
  readonly leftMs?: number;
  readonly signWith?: TestCabinet;
}
/** The QR on the cabinet's screen. */
function shown(r: Rig, options: Shown = {}): string {
  const { cabinet = r.cabinet, leftMs = cabinetCodeLifetimeMs } = options;
  const expiresAtS = Math.floor((r.clock.nowMs() + leftMs) / 1000);
  const code = { cabinetId: cabinet.cabinetId, expiresAtS, showing: options.showing ?? showing };
  const signed = cabinetCodeToSign(code);
  const signature = sign(null, Buffer.from(signed), (options.signWith ?? cabinet).privateKey);
  return cabinetCodeText('HTTPS://M.EXAMPLE/', signed, signature);
}
const ask = (r: Rig, waitMs = 0, of = showing, cabinet = r.cabinet): Promise<Answer> =>
  r.send('POST', '/v1/claims/next', { showing: of, waitMs }, cabinet);
const codeIn = (answer: Answer): string => (answer.body as { code: string }).code;
const newVisit = (r: Rig) => newVisitId(r.clock.nowMs());

onEachStorage('claims', (rig) => {
  it('lets in the member who has scanned the cabinet, by a member code like any other, once', async () => {
    const r = rig();
    expect(await ask(r)).toMatchObject(nobody);
    expect(await r.claims.claim('M1001', shown(r))).toEqual(accepted);
    const code = codeIn(await ask(r));
    expect(await r.authorise(newVisit(r), code)).toMatchObject({
      decision: 'allowed',
      member: { memberId: 'M1001' },
    });
    expect(await r.authorise(newVisit(r), code)).toEqual({
      decision: 'refused',
      reason: 'account.code_replayed',
    });
  });

  it('answers a cabinet that waits as soon as somebody has scanned, not before', async () => {
    const r = rig();
    let answered = false;
    const asked = ask(r, 10_000).finally(() => (answered = true));
    await r.pass(4_000);
    expect(answered).toBe(false);
    await r.claims.claim('M1001', shown(r));
    const before = r.clock.monotonicMs();
    expect(codeIn(await r.during(asked))).toMatch(/^KM1\.M1001\./);
    expect(r.clock.monotonicMs() - before).toBeLessThan(500);
  });

  it('answers "nobody" when the wait is over', async () => {
    const r = rig();
    const before = r.clock.monotonicMs();
    expect(await r.during(ask(r, 3_000), 50)).toMatchObject(nobody);
    expect(r.clock.monotonicMs() - before).toBeGreaterThanOrEqual(3_000);
  });

  it('gives the same code again when the answer was lost', async () => {
    const r = rig();
    await r.claims.claim('M1001', shown(r));
    const first = codeIn(await ask(r));
    expect(codeIn(await ask(r, 5_000))).toBe(first);
  });

  it('gives it to the turn of the screen that was scanned, never to a later one or another cabinet', async () => {
    const r = rig();
    const second = makeCabinet('CAB-2');
    await r.enrol(second);
    await r.claims.claim('M1001', shown(r));
    expect(await ask(r, 0, laterShowing)).toMatchObject(nobody);
    expect(await ask(r, 0, showing, second)).toMatchObject(nobody);
    const code = codeIn(await ask(r));
    expect(await r.authorise(newVisit(r), code, second)).toEqual({
      decision: 'refused',
      reason: 'account.code_unknown',
    });
    // The stranger has not used it up.
    expect(await r.authorise(newVisit(r), code)).toMatchObject({ decision: 'allowed' });
  });

  it('takes a turn once: the first member; a repeat of the same is no second claim', async () => {
    const r = rig();
    const text = shown(r);
    expect(await r.claims.claim('M1001', text)).toEqual(accepted);
    expect(await r.claims.claim('M1001', text)).toEqual(accepted);
    expect(await r.claims.claim('M1002', text)).toEqual(refused('used'));
    r.clock.jumpWall(20_000);
    expect(await r.claims.claim('M1002', shown(r))).toEqual(refused('used'));
    expect(await r.claims.claim('M1002', shown(r, { showing: laterShowing }))).toEqual(accepted);
    expect(codeIn(await ask(r))).toMatch(/^KM1\.M1001\./);
  });

  it('lets one of many members win who scan at once', async () => {
    const r = rig();
    const members = Array.from({ length: 8 }, (_, i) => `M200${i}`);
    const answers = await Promise.all(members.map((m) => r.claims.claim(m, shown(r))));
    const winner = members[answers.findIndex((a) => a.accepted)];
    expect(answers.filter((a) => a.accepted)).toHaveLength(1);
    expect(codeIn(await ask(r))).toContain(`KM1.${winner}.`);
  });

  it('takes a code until its time and a little longer, then not: a photograph is worth nothing', async () => {
    const r = rig();
    const text = shown(r);
    r.clock.jumpWall(cabinetCodeLifetimeMs + cabinetCodeGraceMs);
    expect(await r.claims.claim('M1001', text)).toEqual(accepted);
    const late = shown(r, { showing: laterShowing });
    r.clock.jumpWall(cabinetCodeLifetimeMs + cabinetCodeGraceMs + 1);
    expect(await r.claims.claim('M1001', late)).toEqual(refused('expired'));
    const leftMs = cabinetCodeLifetimeMs + cabinetCodeGraceMs + 2_000;
    expect(await r.claims.claim('M1001', shown(r, { showing: 'CCCCCCC4', leftMs }))).toEqual(
      refused('expired'),
    );
  });

  it('refuses what no cabinet of ours has signed', async () => {
    const r = rig();
    const stranger = makeCabinet('CAB-9');
    const other = makeCabinet('CAB-1');
    expect(await r.claims.claim('M1001', shown(r, { cabinet: stranger }))).toEqual(
      refused('unknown_cabinet'),
    );
    expect(await r.claims.claim('M1001', shown(r, { signWith: other }))).toEqual(refused('forged'));
    const moved = shown(r).replace(`.${showing}.`, `.${laterShowing}.`);
    expect(await r.claims.claim('M1001', moved)).toEqual(refused('forged'));
    for (const text of ['', 'https://m.example/', `${'x'.repeat(9_000)}${shown(r)}`, `${shown(r)}A`])
      expect(await r.claims.claim('M1001', text)).toEqual(refused('malformed'));
    expect(await ask(r)).toMatchObject(nobody);
  });

  it('judges the member where it always does: when the cabinet asks to let them in', async () => {
    const r = rig();
    await r.claims.claim('M1003', shown(r));
    expect(await r.authorise(newVisit(r), codeIn(await ask(r)))).toEqual({
      decision: 'refused',
      reason: 'account.suspended',
    });
  });

  it('hands out no member code that has ended, and forgets old claims', async () => {
    const r = rig();
    await r.claims.claim('M1001', shown(r));
    r.clock.jumpWall((memberCodeLifetimeS + 1) * 1000);
    expect(await ask(r)).toMatchObject(nobody);
    r.clock.jumpWall(claimKeptMs + 1);
    await r.claims.claim('M1001', shown(r, { showing: laterShowing }));
    const [left] = await r.db.select({ n: count() }).from(cabinetClaim);
    expect(left?.n).toBe(1);
  });

  it('has one question of a cabinet at a time: the one before is answered', async () => {
    const r = rig();
    const first = ask(r, 20_000);
    await r.pass(500);
    const second = ask(r, 20_000, laterShowing);
    const before = r.clock.monotonicMs();
    expect(await r.during(first)).toMatchObject(nobody);
    expect(r.clock.monotonicMs() - before).toBeLessThan(2_000);
    await r.claims.claim('M1001', shown(r, { showing: laterShowing }));
    expect(codeIn(await r.during(second))).toMatch(/^KM1\.M1001\./);
  });

  it('does not hold up the closing of the service', async () => {
    const r = rig();
    const held = ask(r, 20_000);
    await r.pass(500);
    const before = r.clock.monotonicMs();
    await r.during(r.app.close());
    await r.during(held);
    expect(r.clock.monotonicMs() - before).toBeLessThan(2_000);
  });

  describe('a question that is none', () => {
    it.each([
      ['another form of showing', { showing: 'aaaaaaa2', waitMs: 0 }],
      ['no showing', { waitMs: 0 }],
      ['too long a wait', { showing, waitMs: claimWaitMaxMs + 1 }],
      ['a negative wait', { showing, waitMs: -1 }],
      ['not JSON', '{'],
    ])('%s: 400', async (_name, body) => {
      expect((await rig().send('POST', '/v1/claims/next', body)).status).toBe(400);
    });
    it('unsigned: 401', async () => {
      const payload = JSON.stringify({ showing, waitMs: 0 });
      expect((await rig().raw({ method: 'POST', url: '/v1/claims/next', payload })).status).toBe(401);
    });
  });
});
