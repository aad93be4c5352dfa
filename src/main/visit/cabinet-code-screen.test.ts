import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCabinetCode } from '../../core/identity/cabinet-code.ts';
import type { QrSignInReply, QrSignInRequest } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { cabinetCodeLifetimeMs, cabinetCodeShownMs } from '../../shared/model/cabinet-code.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import { countedRandom } from '../../testkit/counted-random.ts';
import { CabinetCodeScreen, qrSignInEveryMs, qrSignInWaitMs } from './cabinet-code-screen.ts';

type Reply = Result<QrSignInReply, OperatorFailure>;
interface Question {
  readonly request: QrSignInRequest;
  readonly signal: AbortSignal;
  readonly answer: (reply: Reply) => void;
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const shopperUrl = 'HTTPS://M.EXAMPLE/';
const nobody: Reply = ok({ code: null });
const silence: Reply = fail('network.timeout', 'no answer');
/** The operator's clock is two hours ahead of the cabinet's. */
const operatorAheadMs = 2 * 3_600_000;

let clock: FakeClock;
let questions: Question[];
let claimed: string[];
let changes: number;
let online: boolean;
let tellLink: (online: boolean) => void;
let screen: CabinetCodeScreen;

function make(url: string | null = shopperUrl): CabinetCodeScreen {
  return new CabinetCodeScreen({
    cabinetId: 'A-0217',
    shopperUrl: () => url,
    client: {
      waitForQrSignIn: (request, signal) =>
        new Promise((answer) => {
          questions.push({ request, signal, answer });
          signal.addEventListener('abort', () => answer(fail('network.timeout', 'given up')));
        }),
      operatorNowMs: () => clock.nowMs() + operatorAheadMs,
    },
    link: { isOnline: () => online, onChange: (listener) => void (tellLink = listener) },
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    random: countedRandom(),
    clock,
    logger: { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 },
    onSignedIn: (code) => claimed.push(code),
    onChange: () => changes++,
  });
}
beforeEach(() => {
  clock = new FakeClock();
  [questions, claimed, changes, online] = [[], [], 0, true];
  screen = make();
});

function shown() {
  const view = screen.view();
  if (view.state !== 'shown') throw new Error(`no code on screen: ${view.state}`);
  const read = readCabinetCode(view.text);
  if (!read.ok) throw new Error('not a cabinet code');
  return { ...read.value, text: view.text };
}
const last = (): Question => {
  const question = questions.at(-1);
  if (question === undefined) throw new Error('nothing was asked');
  return question;
};
const becomes = async (now: boolean): Promise<void> => {
  online = now;
  tellLink(now);
  await clock.advance(0);
};

describe('the code', () => {
  test('is signed, of this cabinet, good for a while by the operator’s time, and there at once', () => {
    screen.onVisitChanged(true);
    const { signed, signature, ...code } = shown();
    expect(verify(null, Buffer.from(signed), publicKey, signature)).toBe(true);
    expect(code).toMatchObject({ cabinetId: 'A-0217', showing: last().request.showing });
    const endMs = clock.nowMs() + operatorAheadMs + cabinetCodeLifetimeMs;
    expect(code.expiresAtS * 1000).toBeGreaterThanOrEqual(endMs);
    expect(code.expiresAtS * 1000 - endMs).toBeLessThan(1_000);
    expect(code.text.startsWith(shopperUrl)).toBe(true);
  });

  test('changes every 20 s and keeps the name of its turn; another turn has another', async () => {
    screen.onVisitChanged(true);
    const first = shown();
    await clock.advance(cabinetCodeShownMs - 1);
    expect(shown().text).toBe(first.text);
    await clock.advance(1);
    const second = shown();
    expect(second.expiresAtS - first.expiresAtS).toBe(cabinetCodeShownMs / 1000);
    expect(second.showing).toBe(first.showing);
    expect(changes).toBeGreaterThan(0);
    screen.onVisitChanged(false);
    screen.onVisitChanged(true);
    expect(shown().showing).not.toBe(first.showing);
  });

  test('is not there without an address, without a network, and away from its screen', async () => {
    expect(make(null).view()).toEqual({ state: 'none' });
    expect(screen.view()).toEqual({ state: 'unavailable' });
    screen.onVisitChanged(true);
    await becomes(false);
    expect(screen.view()).toEqual({ state: 'unavailable' });
    screen.onVisitChanged(false);
    await clock.advance(120_000);
    expect(questions).toHaveLength(1);
    const none = make(null);
    none.onVisitChanged(true);
    expect(questions).toHaveLength(1);
  });
});

describe('the question', () => {
  test('is held, and asked again when nobody has come', async () => {
    screen.onVisitChanged(true);
    expect(last().request.waitMs).toBe(qrSignInWaitMs);
    await clock.advance(qrSignInWaitMs);
    last().answer(nobody);
    await clock.advance(0);
    expect(questions).toHaveLength(2);
    expect(questions[1]?.request).toEqual(questions[0]?.request);
  });

  test('is paced, also when the operator answers "nobody" at once, for ever', async () => {
    screen.onVisitChanged(true);
    for (let passedMs = 0; passedMs < 20_000; passedMs += 100) {
      last().answer(nobody);
      await clock.advance(100);
    }
    expect(questions.length).toBeLessThanOrEqual(20_000 / qrSignInEveryMs + 1);
    expect(questions.length).toBeGreaterThan(10);
  });

  test('brings whoever has scanned in, once', async () => {
    screen.onVisitChanged(true);
    last().answer(ok({ code: 'KM1.code' }));
    await clock.advance(60_000);
    expect(claimed).toEqual(['KM1.code']);
    expect(questions).toHaveLength(1);
  });

  test('is given up when the screen is left, and what comes all the same is nobody’s', async () => {
    screen.onVisitChanged(true);
    const first = last();
    screen.onVisitChanged(false);
    expect(first.signal.aborted).toBe(true);
    screen.onVisitChanged(true);
    first.answer(ok({ code: 'KM1.of-the-one-who-left' }));
    await clock.advance(5_000);
    expect(claimed).toEqual([]);
    last().answer(ok({ code: 'KM1.of-the-one-who-is-here' }));
    await clock.advance(0);
    expect(claimed).toEqual(['KM1.of-the-one-who-is-here']);
  });

  test('that has failed takes the code away until a quick one has been answered', async () => {
    screen.onVisitChanged(true);
    last().answer(silence);
    await clock.advance(0);
    expect(screen.view()).toEqual({ state: 'unavailable' });
    await clock.advance(qrSignInEveryMs);
    expect(last().request.waitMs).toBe(0);
    last().answer(fail('operator.unavailable', '500'));
    await clock.advance(qrSignInEveryMs);
    expect(last().request.waitMs).toBe(0);
    const before = changes;
    last().answer(nobody);
    await clock.advance(qrSignInEveryMs);
    expect(screen.view().state).toBe('shown');
    expect(changes).toBeGreaterThan(before);
    expect(last().request.waitMs).toBe(qrSignInWaitMs);
  });

  test('over a connection that has died is given up, and asked anew when the network is back', async () => {
    screen.onVisitChanged(true);
    const { showing } = shown();
    await becomes(false);
    expect(questions[0]?.signal.aborted).toBe(true);
    await clock.advance(30_000);
    expect(questions).toHaveLength(1);
    await becomes(true);
    expect(questions).toHaveLength(2);
    last().answer(nobody);
    await clock.advance(qrSignInEveryMs);
    expect(shown().showing).toBe(showing);
    expect(questions).toHaveLength(3);
  });

  test('is one at a time, however often the network comes and goes', async () => {
    screen.onVisitChanged(true);
    for (let i = 0; i < 10; i++) {
      await becomes(false);
      await becomes(true);
    }
    await clock.advance(qrSignInEveryMs);
    const open = questions.filter((q) => !q.signal.aborted);
    expect(open).toHaveLength(1);
    expect(questions.length).toBeLessThanOrEqual(3);
  });
});
