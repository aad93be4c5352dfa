import { useCallback, useEffect, useRef, useState } from 'react';
import type { Answer, FailureKind } from './failure.ts';

/** After so long without an answer, somebody who waits is told that it goes on. */
const lateAfterMs = 4_000;

interface AskedState<T> {
  /** The last answer; null: there is none yet. */
  readonly value: T | null;
  /** Why the last question has no answer; null: it has, or none has come back yet. */
  readonly failure: FailureKind | null;
  readonly isLate: boolean;
  readonly answers: number;
}
export interface Asked<T> extends AskedState<T> {
  readonly again: () => void;
  /** Something newer is known than the last answer, such as what an act has answered. */
  readonly put: (value: T) => void;
}

const nothingYet = { value: null, failure: null, isLate: false, answers: 0 } as const;

/**
 * Asks at once, when the page is looked at again, and so many ms after each answer (null: not so) while it is looked at.
 * `once`: what may be asked a single time. What is asked does not change: another thing is another component's (`key`).
 */
export function useAsked<T>(
  ask: () => Promise<Answer<T>>,
  poll: number | 'once' | null | ((value: T | null) => number) = null,
): Asked<T> {
  const [state, setState] = useState<AskedState<T>>(nothingYet);
  const asking = useRef(ask);
  const turns = useRef({ count: 0 });
  const isOnce = poll === 'once';
  useEffect(() => {
    asking.current = ask;
  });
  const again = useCallback(() => {
    const mine = ++turns.current.count;
    const late = setTimeout(() => {
      if (turns.current.count === mine) setState((before) => ({ ...before, isLate: true }));
    }, lateAfterMs);
    void asking.current().then((answer) => {
      clearTimeout(late);
      // A later question is the one that counts.
      if (turns.current.count !== mine) return;
      setState((before) => ({
        value: answer.ok ? answer.value : before.value,
        failure: answer.ok ? null : answer.failure,
        isLate: false,
        answers: before.answers + 1,
      }));
    });
  }, []);
  const put = useCallback((value: T) => {
    turns.current.count++;
    setState(({ answers }) => ({ value, failure: null, isLate: false, answers: answers + 1 }));
  }, []);
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden) again();
    };
    const counted = turns.current;
    again();
    if (!isOnce) document.addEventListener('visibilitychange', look);
    return () => {
      counted.count++;
      document.removeEventListener('visibilitychange', look);
    };
  }, [again, isOnce]);
  const { answers, value } = state;
  const pollMs = typeof poll === 'function' ? poll(value) : poll;
  useEffect(() => {
    if (typeof pollMs !== 'number' || answers === 0) return undefined;
    const timer = setTimeout(() => {
      if (!document.hidden) again();
    }, pollMs);
    return () => clearTimeout(timer);
  }, [pollMs, answers, again]);
  return { ...state, again, put };
}
