import { sign } from 'node:crypto';
import { count } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../../core/identity/cabinet-code.ts';
import { qrSignInWaitMaxMs } from '../../shared/api/operator.ts';
import { cabinetCodeLifetimeMs } from '../../shared/model/cabinet-code.ts';

import { cabinetCodeGraceMs, qrSignInKeptMs, scanLifetimeS } from '../limits.ts';
import { qrSignIn } from '../storage/schema.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

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
function shown(operator: OperatorHarness, options: Shown = {}): string {
  const { cabinet = operator.cabinet, leftMs = cabinetCodeLifetimeMs } = options;
  const expiresAtS = Math.floor((operator.clock.nowMs() + leftMs) / 1000);
  const code = { cabinetId: cabinet.cabinetId, expiresAtS, showing: options.showing ?? showing };
  const signed = cabinetCodeToSign(code);
  const signature = sign(null, Buffer.from(signed), (options.signWith ?? cabinet).privateKey);
  return cabinetCodeText('HTTPS://M.EXAMPLE/', signed, signature);
}
const ask = (
  operator: OperatorHarness,
  waitMs = 0,
  of = showing,
  cabinet = operator.cabinet,
): Promise<Answer> => operator.send('POST', '/v1/claims/next', { showing: of, waitMs }, cabinet);
const codeIn = (answer: Answer): string => (answer.body as { code: string }).code;
const newVisit = (operator: OperatorHarness) => newVisitId(operator.clock.nowMs());

onStorage('signing in by QR', (harness) => {
  it('lets in the member who has scanned the cabinet, by a member code like any other, once', async () => {
    const operator = harness();
    expect(await ask(operator)).toMatchObject(nobody);
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
    const code = codeIn(await ask(operator));
    expect(await operator.authorise(newVisit(operator), code)).toMatchObject({
      decision: 'allowed',
      member: { memberId: 'M1001' },
    });
    expect(await operator.authorise(newVisit(operator), code)).toEqual({
      decision: 'refused',
      reason: 'account.code_replayed',
    });
  });

  it('answers a cabinet that waits as soon as somebody has scanned, not before', async () => {
    const operator = harness();
    let answered = false;
    const asked = ask(operator, 10_000).finally(() => (answered = true));
    await operator.pass(4_000);
    expect(answered).toBe(false);
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    const before = operator.clock.monotonicMs();
    expect(codeIn(await operator.during(asked))).toMatch(/^KM1\.M1001\./);
    expect(operator.clock.monotonicMs() - before).toBeLessThan(500);
  });

  it('answers "nobody" when the wait is over', async () => {
    const operator = harness();
    const before = operator.clock.monotonicMs();
    expect(await operator.during(ask(operator, 3_000), 50)).toMatchObject(nobody);
    expect(operator.clock.monotonicMs() - before).toBeGreaterThanOrEqual(3_000);
  });

  it('gives the same code again when the answer was lost', async () => {
    const operator = harness();
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    const first = codeIn(await ask(operator));
    expect(codeIn(await ask(operator, 5_000))).toBe(first);
  });

  it('gives it to the turn of the screen that was scanned, never to a later one or another cabinet', async () => {
    const operator = harness();
    const second = makeCabinet('CAB-2');
    await operator.enrol(second);
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    expect(await ask(operator, 0, laterShowing)).toMatchObject(nobody);
    expect(await ask(operator, 0, showing, second)).toMatchObject(nobody);
    const code = codeIn(await ask(operator));
    expect(await operator.authorise(newVisit(operator), code, second)).toEqual({
      decision: 'refused',
      reason: 'account.code_unknown',
    });
    // The stranger has not used it up.
    expect(await operator.authorise(newVisit(operator), code)).toMatchObject({ decision: 'allowed' });
  });

  it('takes a turn once: the first member; a repeat of the same is no second scan', async () => {
    const operator = harness();
    const text = shown(operator);
    expect(await operator.qrSignIn.recordScan('M1001', text)).toEqual(accepted);
    expect(await operator.qrSignIn.recordScan('M1001', text)).toEqual(accepted);
    expect(await operator.qrSignIn.recordScan('M1002', text)).toEqual(refused('used'));
    operator.clock.jumpWall(8_000);
    expect(await operator.qrSignIn.recordScan('M1002', shown(operator))).toEqual(refused('used'));
    expect(await operator.qrSignIn.recordScan('M1002', shown(operator, { showing: laterShowing }))).toEqual(
      accepted,
    );
    expect(codeIn(await ask(operator))).toMatch(/^KM1\.M1001\./);
  });

  it.each([0, 30_000, 66_000])(
    'says yes to a repeat after %i ms, and its cabinet gets a code that is good',
    async (ms) => {
      const operator = harness();
      expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
      // The cabinet has no network meanwhile, and does not ask.
      operator.clock.jumpWall(ms);
      expect(await operator.qrSignIn.recordScan('M1002', shown(operator))).toEqual(refused('used'));
      expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
      expect(await operator.authorise(newVisit(operator), codeIn(await ask(operator)))).toMatchObject({
        decision: 'allowed',
        member: { memberId: 'M1001' },
      });
    },
  );

  it('says no to a repeat once a visit has used the code of this turn and it has ended', async () => {
    const operator = harness();
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
    expect(await operator.authorise(newVisit(operator), codeIn(await ask(operator)))).toMatchObject({
      decision: 'allowed',
    });
    // Its answer may have been lost: it is still true.
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
    operator.clock.jumpWall(66_000);
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(refused('used'));
    expect(await ask(operator)).toMatchObject(nobody);
  });

  it('says "expired" to a repeat while the code that has just ended may still be on its way', async () => {
    const operator = harness();
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    const first = codeIn(await ask(operator));
    operator.clock.jumpWall((scanLifetimeS + 3) * 1_000);
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(refused('expired'));
    expect(await ask(operator)).toMatchObject(nobody);
    expect(await operator.authorise(newVisit(operator), first)).toMatchObject({ decision: 'allowed' });
  });

  it('wakes the cabinet that waits when a repeat has a new code', async () => {
    const operator = harness();
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator))).toEqual(accepted);
    operator.clock.jumpWall(66_000);
    const asked = ask(operator, 10_000);
    await operator.pass(500);
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    expect(codeIn(await operator.during(asked))).toMatch(/^KM1\.M1001\./);
  });

  it('lets one of many members win who scan at once', async () => {
    const operator = harness();
    const members = Array.from({ length: 8 }, (_, i) => `M200${i}`);
    const answers = await Promise.all(members.map((m) => operator.qrSignIn.recordScan(m, shown(operator))));
    const winner = members[answers.findIndex((a) => a.accepted)];
    expect(answers.filter((a) => a.accepted)).toHaveLength(1);
    expect(codeIn(await ask(operator))).toContain(`KM1.${winner}.`);
  });

  it('takes a code until its time and a little longer, then not: a photograph is worth nothing', async () => {
    const operator = harness();
    const text = shown(operator);
    operator.clock.jumpWall(cabinetCodeLifetimeMs + cabinetCodeGraceMs);
    expect(await operator.qrSignIn.recordScan('M1001', text)).toEqual(accepted);
    const late = shown(operator, { showing: laterShowing });
    operator.clock.jumpWall(cabinetCodeLifetimeMs + cabinetCodeGraceMs + 1);
    expect(await operator.qrSignIn.recordScan('M1001', late)).toEqual(refused('expired'));
    const leftMs = cabinetCodeLifetimeMs + cabinetCodeGraceMs + 2_000;
    expect(
      await operator.qrSignIn.recordScan('M1001', shown(operator, { showing: 'CCCCCCC4', leftMs })),
    ).toEqual(refused('expired'));
  });

  it('refuses what no cabinet of ours has signed', async () => {
    const operator = harness();
    const stranger = makeCabinet('CAB-9');
    const other = makeCabinet('CAB-1');
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator, { cabinet: stranger }))).toEqual(
      refused('unknown_cabinet'),
    );
    expect(await operator.qrSignIn.recordScan('M1001', shown(operator, { signWith: other }))).toEqual(
      refused('forged'),
    );
    const moved = shown(operator).replace(`.${showing}.`, `.${laterShowing}.`);
    expect(await operator.qrSignIn.recordScan('M1001', moved)).toEqual(refused('forged'));
    for (const text of [
      '',
      'https://m.example/',
      `${'x'.repeat(9_000)}${shown(operator)}`,
      `${shown(operator)}A`,
    ])
      expect(await operator.qrSignIn.recordScan('M1001', text)).toEqual(refused('malformed'));
    expect(await ask(operator)).toMatchObject(nobody);
  });

  it('judges the member where it always does: when the cabinet asks to let them in', async () => {
    const operator = harness();
    await operator.qrSignIn.recordScan('M1003', shown(operator));
    expect(await operator.authorise(newVisit(operator), codeIn(await ask(operator)))).toEqual({
      decision: 'refused',
      reason: 'account.suspended',
    });
  });

  it('hands out no member code that has ended, and forgets old scans', async () => {
    const operator = harness();
    await operator.qrSignIn.recordScan('M1001', shown(operator));
    operator.clock.jumpWall((scanLifetimeS + 1) * 1000);
    expect(await ask(operator)).toMatchObject(nobody);
    operator.clock.jumpWall(qrSignInKeptMs + 1);
    await operator.qrSignIn.recordScan('M1001', shown(operator, { showing: laterShowing }));
    const [left] = await operator.db.select({ n: count() }).from(qrSignIn);
    expect(left?.n).toBe(1);
  });

  it('has one question of a cabinet at a time: the one before is answered', async () => {
    const operator = harness();
    const first = ask(operator, 20_000);
    await operator.pass(500);
    const second = ask(operator, 20_000, laterShowing);
    const before = operator.clock.monotonicMs();
    expect(await operator.during(first)).toMatchObject(nobody);
    expect(operator.clock.monotonicMs() - before).toBeLessThan(2_000);
    await operator.qrSignIn.recordScan('M1001', shown(operator, { showing: laterShowing }));
    expect(codeIn(await operator.during(second))).toMatch(/^KM1\.M1001\./);
  });

  it('does not hold up the closing of the service', async () => {
    const operator = harness();
    const held = ask(operator, 20_000);
    await operator.pass(500);
    const before = operator.clock.monotonicMs();
    await operator.during(operator.app.close());
    await operator.during(held);
    expect(operator.clock.monotonicMs() - before).toBeLessThan(2_000);
  });

  describe('a question that is none', () => {
    it.each([
      ['another form of showing', { showing: 'aaaaaaa2', waitMs: 0 }],
      ['no showing', { waitMs: 0 }],
      ['too long a wait', { showing, waitMs: qrSignInWaitMaxMs + 1 }],
      ['a negative wait', { showing, waitMs: -1 }],
      ['not JSON', '{'],
    ])('%s: 400', async (_name, body) => {
      expect((await harness().send('POST', '/v1/claims/next', body)).status).toBe(400);
    });
    it('unsigned: 401', async () => {
      const payload = JSON.stringify({ showing, waitMs: 0 });
      expect((await harness().raw({ method: 'POST', url: '/v1/claims/next', payload })).status).toBe(401);
    });
  });
});
