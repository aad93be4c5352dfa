import { useEffect, useLayoutEffect, useReducer, useRef } from 'react';
import { systemClock } from '../../../shared/clock.ts';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { Display } from '../../../shared/model/display.schema.ts';
import type { AnsweredScan, KioskSnapshot, VisitView } from '../../../shared/model/visit.schema.ts';
import {
  type KioskAction,
  type KioskState,
  idleResetMs,
  initialKioskState,
  isForAnybody,
  noticeMs,
  reduceKiosk,
} from './kiosk-state.ts';
import { anyTouch } from './use-touch.ts';
import { subscribeToSnapshots } from './snapshots.ts';
import { ajarSoundEveryMs, playSound, setSoundPercent, soundFor, soundOfScan } from './sound.ts';

type GetSnapshot = KioskApi['visit']['getSnapshot'];
/** What the page and the views over it have in common. */
interface ScreenApi {
  readonly display: KioskApi['display'];
  readonly on: KioskApi['on'];
}

/** What is on the screen. `isStaff`: it is for whoever works here, who reads at leisure, and not for the next person. */
export function useKioskState(
  getSnapshot: GetSnapshot,
  api: ScreenApi,
  isStaff = false,
): readonly [KioskState, (action: KioskAction) => void] {
  const [state, dispatch] = useReducer(reduceKiosk, initialKioskState);
  useDisplay(api, state, dispatch);
  useEffect(
    () =>
      subscribeToSnapshots(getSnapshot, api, systemClock, (snapshot, atMs) =>
        dispatch({ type: 'snapshot', snapshot, atMs }),
      ),
    [getSnapshot, api],
  );
  useNoticeEnd(state.noticeSeq, state.notice !== null, dispatch);
  useIdleReset(!isStaff && state.snapshot !== null && isForAnybody(state.snapshot.visit), dispatch);
  return [state, dispatch];
}

/** Language and text size are the same on the page and on the views over it: each tells main what was changed on it. */
function useDisplay(
  api: ScreenApi,
  { language, largeText }: KioskState,
  dispatch: (action: KioskAction) => void,
): void {
  /** What main knows already. */
  const known = useRef<Display>({ language, largeText });
  useEffect(
    () =>
      api.on('display', (display) => {
        known.current = display;
        dispatch({ type: 'display', display });
      }),
    [api, dispatch],
  );
  useEffect(() => {
    const { current } = known;
    if (current.language === language && current.largeText === largeText) return;
    known.current = { language, largeText };
    // It is only about how things look; what fails is put right by the next touch.
    api.display.set(known.current).catch(() => undefined);
  }, [api, language, largeText]);
}

function useNoticeEnd(seq: number, shown: boolean, dispatch: (action: KioskAction) => void): void {
  useEffect(() => {
    if (!shown) return;
    return systemClock.after(noticeMs, () => dispatch({ type: 'noticeOver', seq }));
  }, [seq, shown, dispatch]);
}

function useIdleReset(forAnybody: boolean, dispatch: (action: KioskAction) => void): void {
  useEffect(() => {
    if (!forAnybody) return;
    let stop = (): void => undefined;
    const wait = (): void => {
      stop();
      stop = systemClock.after(idleResetMs, () => dispatch({ type: 'idle' }));
    };
    wait();
    window.addEventListener('pointerdown', wait, anyTouch);
    return () => {
      stop();
      window.removeEventListener('pointerdown', wait, anyTouch);
    };
  }, [forAnybody, dispatch]);
}

/** Tells measurements which snapshot the person in front has on screen: set in the frame after React's commit. */
export function usePaintedSeq(seq: number | null): void {
  useLayoutEffect(() => {
    if (seq === null) return;
    const frame = requestAnimationFrame(() => {
      document.documentElement.dataset['paintedSeq'] = String(seq);
    });
    return () => cancelAnimationFrame(frame);
  }, [seq]);
}

/** Plays what a change of the screen or a scan sounds like, and the reminder while the door is left open. */
export function useSounds(snapshot: KioskSnapshot | null): void {
  const percent = snapshot?.cabinet.screen?.soundPercent ?? 100;
  useEffect(() => {
    setSoundPercent(percent);
  }, [percent]);
  const before = useRef<{ visit: VisitView; scanAnswer: AnsweredScan | null } | null>(null);
  const visit = snapshot?.visit ?? null;
  const scanAnswer = snapshot?.scanAnswer ?? null;
  useEffect(() => {
    if (visit === null) return;
    const { current } = before;
    before.current = { visit, scanAnswer };
    if (current === null) return;
    const sound = soundFor(current.visit, visit) ?? soundOfScan(current.scanAnswer, scanAnswer);
    if (sound !== null) playSound(sound);
  }, [visit, scanAnswer]);

  const ajarLevel = visit?.screen === 'shopping' ? visit.ajarLevel : 0;
  useEffect(() => {
    if (ajarLevel < 2) return;
    const sound = ajarLevel >= 3 ? 'problem' : 'look';
    playSound(sound);
    const timer = setInterval(() => playSound(sound), ajarSoundEveryMs);
    return () => clearInterval(timer);
  }, [ajarLevel]);
}
