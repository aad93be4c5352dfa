import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import type { FaceViewApi } from '../../shared/ipc/table.schema.ts';
import { type FaceViewScreen, isFaceViewScreen } from '../../shared/model/face-screens.ts';
import type { CameraOrder } from '../../shared/model/face-view.schema.ts';
import { KioskFrame, kioskOf, useDocument } from './app.tsx';
import { EnrolScreen } from './features/account/enrol-pages.tsx';
import { type FaceLink, type LivePicture, useFaceCamera } from './features/face/camera/use-face-camera.ts';
import { FaceScreen } from './features/face/face-screen.tsx';
import { localeOf } from '../../shared/i18n/language.ts';
import { bindFaceIntents, useKiosk } from './kiosk/context.ts';
import { useTouch } from './kiosk/use-touch.ts';
import { useNight } from './kiosk/use-environment.ts';
import { usePaintedSeq, useKioskState } from './kiosk/use-kiosk-state.ts';
import { coverText } from './theme/fonts.ts';
import { Toast } from './ui/toast.tsx';

/** The face view: draws its screens over the page, runs the camera while main has an order out, sends its numbers. */
export function FaceApp({ api }: { api: FaceViewApi }) {
  const [state, dispatch] = useKioskState(api.face.getSnapshot, api);
  const { snapshot, language, largeText } = state;
  const intents = useMemo(
    () => bindFaceIntents(api, (n) => dispatch({ type: 'notice', notice: n })),
    [api, dispatch],
  );
  const [link] = useState(() => linkOf(api));
  const picture = useFaceCamera(useCameraOrder(api), link);
  useDocument(localeOf(language), largeText, useNight());
  useLayoutEffect(() => coverText(JSON.stringify(snapshot)), [snapshot]);
  usePaintedSeq(snapshot?.seq ?? null);
  const seq = snapshot !== null && isFaceViewScreen(snapshot.visit) ? snapshot.seq : null;
  useEffect(() => {
    if (seq !== null) api.face.drawn({ seq }).catch(() => undefined);
  }, [api, seq]);
  if (snapshot === null || !isFaceViewScreen(snapshot.visit)) return null;
  return (
    <KioskFrame kiosk={kioskOf(snapshot, state, dispatch, intents)}>
      <FaceViewOf key={snapshot.visit.screen} visit={snapshot.visit} picture={picture} />
      <Toast />
    </KioskFrame>
  );
}

/** Which of its screens; also drawn on its own in tests. */
export function FaceViewOf({ visit, picture }: { visit: FaceViewScreen; picture: LivePicture }) {
  const { intents } = useKiosk();
  useTouch(intents.touched);
  return visit.screen === 'face' ? (
    <FaceScreen view={visit} picture={picture} />
  ) : (
    <EnrolScreen account={visit.account} countdown={visit.countdown} picture={picture} />
  );
}

function useCameraOrder(api: FaceViewApi): CameraOrder | null {
  const [order, setOrder] = useState<CameraOrder | null>(null);
  useEffect(() => api.on('camera', setOrder), [api]);
  return order;
}

/** From the camera, not from a finger: `stale` is usual, and nobody is told. */
function linkOf(api: FaceViewApi): FaceLink {
  return {
    sendFrame: (nonce, report) => {
      api.face.frame({ nonce, report }).catch(() => undefined);
    },
    sendState: (nonce, state) => {
      api.face.cameraState({ nonce, state }).catch(() => undefined);
    },
  };
}
