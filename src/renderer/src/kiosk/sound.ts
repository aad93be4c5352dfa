import type { AccountView, FaceGuide, FaceView } from '../../../shared/model/face-view.schema.ts';
import type { AnsweredScan, VisitView } from '../../../shared/model/visit.schema.ts';
import { unreachable } from '../../../shared/assert.ts';

/** Three short sounds: it worked; please look; there is a problem. */
type Sound = 'ok' | 'look' | 'problem';

/** Repeats of the reminder while the door is left open. */
export const ajarSoundEveryMs = 5_000;

/** What a change of the screen sounds like; null is silence. */
export function soundFor(before: VisitView | null, after: VisitView): Sound | null {
  if (before === null) return null;
  if (before.screen === after.screen) return soundWithin(before, after);
  switch (after.screen) {
    case 'refused':
      return 'problem';
    case 'shopping':
      return before.screen === 'unlocking' ? null : 'look';
    case 'unlocking':
      return unlockingSound(after.phase);
    case 'receipt':
      return after.receipt.status === 'collecting' || after.receipt.status === 'review' ? 'look' : 'ok';
    case 'choosing_door':
      return 'look';
    case 'nothing_charged':
      return after.why === 'unlock_failed' ? 'problem' : 'look';
    case 'out_of_service':
      return after.reason === 'door_open_without_visit' ? 'problem' : null;
    case 'attract':
    case 'identifying':
    case 'face':
    case 'account':
    case 'authorising':
    case 'checking':
    case 'recovering':
      return null;
    default:
      return unreachable(after);
  }
}

/** Each scan that leads nowhere is heard, also one that changes no word on screen. */
export function soundOfScan(before: AnsweredScan | null, after: AnsweredScan | null): Sound | null {
  if (after === null || after.seq === before?.seq) return null;
  return after.why === 'refused' ? 'problem' : 'look';
}

function soundWithin(before: VisitView, after: VisitView): Sound | null {
  // Eyes are elsewhere: nobody has touched the form for a while.
  if (isFormWarned(after) && !isFormWarned(before)) return 'look';
  if (before.screen === 'unlocking' && after.screen === 'unlocking') {
    return before.phase === after.phase ? null : unlockingSound(after.phase);
  }
  if (before.screen === 'checking' && after.screen === 'checking')
    return after.question !== null && before.question === null ? 'look' : null;
  if (before.screen === 'refused' && after.screen === 'refused') {
    return before.reason === after.reason ? null : 'problem';
  }
  if (before.screen === 'shopping' && after.screen === 'shopping') {
    if (after.confirmed && !before.confirmed) return 'ok';
    if (before.confirmed && !after.confirmed) return 'look';
    const doubts = (v: typeof after): number =>
      v.basket.lines.filter((l) => l.confidence === 'doubtful').length;
    return doubts(after) > doubts(before) ? 'look' : null;
  }
  if (before.screen === 'face' && after.screen === 'face') return soundOfFace(before.face, after.face);
  if (before.screen === 'account' && after.screen === 'account')
    return soundOfAccount(before.account, after.account);
  return null;
}

function isFormWarned(view: VisitView): boolean {
  return (view.screen === 'receipt' || view.screen === 'account') && view.form?.isWarned === true;
}

/** Eyes are on the camera, not on the words: something new is asked for, or it is over. */
function soundOfFace(before: FaceView, after: FaceView): Sound | null {
  if (before.phase === 'looking' && after.phase === 'looking')
    return isChallenge(after.guide) && after.guide !== before.guide ? 'look' : null;
  if (before.phase === after.phase) return null;
  if (after.phase === 'ended') return 'problem';
  return after.phase === 'digits' ? 'look' : null;
}

function soundOfAccount(before: AccountView, after: AccountView): Sound | null {
  if (before.phase === 'capture' && after.phase === 'capture')
    return after.takenCount > before.takenCount ? 'look' : null;
  if (before.phase === after.phase) return null;
  switch (after.phase) {
    case 'enrolled':
    case 'withdrawn':
      return 'ok';
    case 'enrol_ended':
    case 'withdraw_failed':
      return 'problem';
    default:
      return null;
  }
}

function isChallenge(guide: FaceGuide): boolean {
  return guide === 'blink' || guide === 'turn_left' || guide === 'turn_right';
}

/** Frequency in Hz and start in ms of each note; every note lasts `noteMs`. */
const notes: Readonly<Record<Sound, readonly (readonly [hz: number, startMs: number])[]>> = {
  ok: [
    [659, 0],
    [988, 110],
  ],
  look: [[784, 0]],
  problem: [
    [440, 0],
    [330, 150],
  ],
};
const noteMs = 220;
const loudness = 0.16;
let soundPercent = 100;

/** How loud sounds are from now on; at 0 there are none. */
export function setSoundPercent(percent: number): void {
  soundPercent = percent;
}

let audio: AudioContext | null = null;

/** Plays a sound. A cabinet without a loudspeaker stays silent; nothing depends on being heard. */
export function playSound(sound: Sound): void {
  if (!('AudioContext' in globalThis) || soundPercent <= 0) return;
  audio ??= new AudioContext();
  const context = audio;
  context.resume().then(
    () => {
      playNotes(context, sound);
    },
    () => undefined,
  );
}

function playNotes(context: AudioContext, sound: Sound): void {
  for (const [hz, startMs] of notes[sound]) {
    const from = context.currentTime + startMs / 1000;
    const until = from + noteMs / 1000;
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.type = 'sine';
    tone.frequency.value = hz;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime((loudness * soundPercent) / 100, from + 0.012);
    level.gain.exponentialRampToValueAtTime(0.001, until);
    tone.connect(level).connect(context.destination);
    tone.start(from);
    tone.stop(until);
  }
}

function unlockingSound(phase: Extract<VisitView, { screen: 'unlocking' }>['phase']): Sound | null {
  if (phase === 'stuck') return 'problem';
  return phase === 'open_now' ? 'ok' : null;
}
