import type { FaceView, FaceViewEvents } from './face-view-keeper.ts';
import { onTouch, openViewOverPage } from './view-over-page.ts';

/** The face view in Electron. */
export function openFaceView({
  events,
  ...options
}: Omit<Parameters<typeof openViewOverPage<'face'>>[0], 'caller' | 'gone'> & {
  readonly events: FaceViewEvents;
}): FaceView {
  const view = openViewOverPage({ caller: 'face', ...options, gone: events.gone });
  onTouch(view.contents, events.touched);
  return view;
}
