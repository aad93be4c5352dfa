import type { VisitView } from './visit.schema.ts';

type FaceScreen = Extract<VisitView, { screen: 'face' }>;
type AccountScreen = Extract<VisitView, { screen: 'account' }>;
type EnrolPhase = 'consent' | 'capture' | 'trial';
/** What the face view draws: all that leads to a camera, and all that the camera shows. */
export type FaceViewScreen =
  | FaceScreen
  | (AccountScreen & { readonly account: Extract<AccountScreen['account'], { phase: EnrolPhase }> });

const enrolPhases: ReadonlySet<string> = new Set<EnrolPhase>(['consent', 'capture', 'trial']);

/** Whether the face view draws this, over the page. */
export function isFaceViewScreen(visit: VisitView): visit is FaceViewScreen {
  return visit.screen === 'face' || (visit.screen === 'account' && enrolPhases.has(visit.account.phase));
}
