import { type Challenge, challenges } from '../../shared/model/face-view.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';

/** The nose must move by this much to the asked side, in eye distances, on so many frames one after the other … */
const turnMin = 0.2;
const turnFrameCount = 2;
/** … and come back to within this of where it was. */
const turnBackMax = 0.12;
/** Eyes closed: openness at most this share of the usual one; open again: at least this. */
const closedShareMax = 0.7;
const openShareMin = 0.85;

type Face = NonNullable<FaceReport['face']>;

export interface ChallengeState {
  readonly challenge: Challenge;
  /** Nose and eyes as they were when it was asked. */
  readonly yaw: number;
  readonly eyeOpenness: number;
  /** Frames in a row that showed what was asked. */
  readonly shownFrames: number;
  readonly shown: boolean;
}

/** Picks one with `random` (0 to 1, 1 excluded), so that nobody can record the right movement beforehand. */
export function startChallenge(random: number, face: Face): ChallengeState {
  const challenge = challenges[Math.floor(random * challenges.length)] ?? 'turn_left';
  return { challenge, yaw: face.yaw, eyeOpenness: face.eyeOpenness, shownFrames: 0, shown: false };
}

/** One more frame; `done` when what was asked has been shown and the face is back as it was. */
export function stepChallenge(state: ChallengeState, face: Face): ChallengeState & { done: boolean } {
  const [showing, back] = state.challenge === 'blink' ? blink(state, face) : turn(state, face);
  const shownFrames = showing ? state.shownFrames + 1 : 0;
  const wanted = state.challenge === 'blink' ? 1 : turnFrameCount;
  const shown = state.shown || shownFrames >= wanted;
  return { ...state, shownFrames, shown, done: shown && back };
}

function blink(state: ChallengeState, face: Face): readonly [showing: boolean, back: boolean] {
  const share = face.eyeOpenness / state.eyeOpenness;
  return [share <= closedShareMax, share >= openShareMin];
}

/** The camera's picture is not mirrored: a shopper who turns left moves the nose to the right in it. */
function turn(state: ChallengeState, face: Face): readonly [showing: boolean, back: boolean] {
  const moved = (face.yaw - state.yaw) * (state.challenge === 'turn_left' ? 1 : -1);
  return [moved >= turnMin, Math.abs(moved) <= turnBackMax];
}
