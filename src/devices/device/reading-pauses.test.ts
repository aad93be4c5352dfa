import { describe, expect, it } from 'vitest';
import type { PollMode } from '../../shared/model/device.ts';
import { listeningGapMaxMs } from '../../shared/reading-capacity.ts';
import {
  answersUnusable,
  losesAnswers,
  oftenCannotRead,
  ReadingPauses,
  showsForMs,
} from './reading-pauses.ts';

/** Something useful comes after so long, and listening for it began just then. */
function after(pauses: ReadingPauses, tookMs: number, mode: PollMode): number {
  const nowMs = pauses.dueMs + tookMs;
  pauses.end({ nowMs, listensSinceMs: nowMs, mode });
  return nowMs;
}

describe('reading pauses', () => {
  it('names the line, unless something of no use has come instead', () => {
    const pauses = new ReadingPauses();
    pauses.begin(1_000);
    const firstMs = after(pauses, 10_000, 'idle');
    expect(pauses.errorAt(firstMs)).toEqual(losesAnswers);
    pauses.blame(answersUnusable);
    const secondMs = after(pauses, 11_000, 'idle');
    expect(pauses.errorAt(secondMs)).toEqual(answersUnusable);
    // What comes next is due anew, and nothing is known of it.
    expect(pauses.errorAt(after(pauses, 25_000, 'idle'))).toEqual(losesAnswers);
  });

  it('adds up no time that is too short for goods to leave', () => {
    const pauses = new ReadingPauses();
    let nowMs = 0;
    while (nowMs < 60_000) nowMs = after(pauses, listeningGapMaxMs, 'active');
    expect(pauses.errorAt(nowMs)).toBeNull();
    expect(pauses.hasToShow).toBe(false);
  });

  it('keeps what was lost without a pause over any rest, and forgets what was lost at rest', () => {
    const why = oftenCannotRead('status f8');
    const pauses = new ReadingPauses();
    pauses.blame(why);
    expect(pauses.errorAt(after(pauses, 10_000, 'active'))).toEqual(why);
    pauses.begin(3_600_000);
    expect(pauses.errorAt(3_600_000)).toEqual(why);
    pauses.forgetRest();
    expect(pauses.hasToShow).toBe(true);
    pauses.forget();
    pauses.begin(3_600_000);
    const nowMs = after(pauses, 10_000, 'idle');
    expect([pauses.hasToShow, pauses.errorAt(nowMs)]).toEqual([false, losesAnswers]);
    expect(pauses.errorAt(nowMs + 60_000)).toBeNull();
  });

  it('has shown that it reads after a minute and a half without a pause', () => {
    const pauses = new ReadingPauses();
    after(pauses, 10_000, 'active');
    for (let i = 0; i < showsForMs / 250; i++) {
      expect(pauses.hasToShow).toBe(true);
      after(pauses, 250, 'active');
    }
    expect(pauses.hasToShow).toBe(false);
  });
});
