import { useEffect, useLayoutEffect, useReducer, useRef } from 'react';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { KioskSnapshot, VisitView } from '../../../shared/model/visit.schema.ts';
import {
  type KioskAction,
  type KioskState,
  idleResetMs,
  initialKioskState,
  noticeMs,
  reduceKiosk,
} from './kiosk-state.ts';
import { ajarSoundEveryMs, playSound, soundFor } from './sound.ts';

/** The first snapshot is asked for again after this when main was not ready. */
const firstSnapshotRetryMs = 500;

/** Subscribes first, then asks for the first snapshot: no change can fall between the two. */
export function useKioskState(api: KioskApi): readonly [KioskState, (action: KioskAction) => void] {
  const [state, dispatch] = useReducer(reduceKiosk, initialKioskState);
  useEffect(
    () =>
      subscribeToSnapshots(api, systemClock, (snapshot, atMs) =>
        dispatch({ type: 'snapshot', snapshot, atMs }),
      ),
    [api],
  );
  useNoticeEnd(state.noticeSeq, state.notice !== null, dispatch);
  useIdleReset(state.snapshot?.visit.screen === 'attract', dispatch);
  return [state, dispatch];
}

function subscribeToSnapshots(
  api: KioskApi,
  clock: Clock,
  take: (snapshot: KioskSnapshot, atMs: number) => void,
): () => void {
  let over = false;
  let stopWaiting = (): void => undefined;
  const give = (snapshot: KioskSnapshot): void => {
    if (!over) take(snapshot, clock.monotonicMs());
  };
  const again = (): void => {
    if (!over) stopWaiting = clock.after(firstSnapshotRetryMs, ask);
  };
  const ask = (): void => {
    api.visit.getSnapshot({}).then((result) => {
      if (result.ok) give(result.value);
      else again();
    }, again);
  };
  const unsubscribe = api.on('snapshot', give);
  ask();
  return () => {
    over = true;
    stopWaiting();
    unsubscribe();
  };
}

function useNoticeEnd(seq: number, shown: boolean, dispatch: (action: KioskAction) => void): void {
  useEffect(() => {
    if (!shown) return;
    return systemClock.after(noticeMs, () => dispatch({ type: 'noticeOver', seq }));
  }, [seq, shown, dispatch]);
}

function useIdleReset(onAttract: boolean, dispatch: (action: KioskAction) => void): void {
  useEffect(() => {
    if (!onAttract) return;
    let stop = (): void => undefined;
    const wait = (): void => {
      stop();
      stop = systemClock.after(idleResetMs, () => dispatch({ type: 'idle' }));
    };
    wait();
    window.addEventListener('pointerdown', wait);
    return () => {
      stop();
      window.removeEventListener('pointerdown', wait);
    };
  }, [onAttract, dispatch]);
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

/** Plays what a change of the screen sounds like, and the reminder while the door is left open. */
export function useSounds(visit: VisitView | null): void {
  const before = useRef<VisitView | null>(null);
  useEffect(() => {
    if (visit === null) return;
    const sound = soundFor(before.current, visit);
    before.current = visit;
    if (sound !== null) playSound(sound);
  }, [visit]);

  const ajarLevel = visit?.screen === 'shopping' ? visit.ajarLevel : 0;
  useEffect(() => {
    if (ajarLevel < 2) return;
    const sound = ajarLevel >= 3 ? 'problem' : 'look';
    playSound(sound);
    const timer = setInterval(() => playSound(sound), ajarSoundEveryMs);
    return () => clearInterval(timer);
  }, [ajarLevel]);
}
