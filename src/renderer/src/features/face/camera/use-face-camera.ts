import { useEffect, useState } from 'react';
import { systemClock } from '../../../../../shared/clock.ts';
import type { CameraRotation } from '../../../../../shared/model/camera-rotation.ts';
import type { CameraOrder } from '../../../../../shared/model/face-view.schema.ts';
import { useKiosk } from '../../../kiosk/context.ts';
import { openFaceWorker } from '../recognition/face-client.ts';
import { FaceCamera } from './face-camera.ts';
import { picturesOf } from './pictures.ts';
import { WarmFaceWorker } from './warm-face.ts';

/** One for the page: it stays warm from one screen to the next. */
const face = new WarmFaceWorker(openFaceWorker, systemClock);

/** The live picture for a `<video>`: null until the camera gives one. */
export interface LivePicture {
  readonly stream: MediaStream | null;
  /** By how much it is to be turned to be upright. */
  readonly rotation: CameraRotation;
  /** The element that shows it, as a `ref`. */
  readonly attach: (video: HTMLVideoElement | null) => void;
}

/** Runs the camera exactly while there is an order and the component stands; `warm`: a face is about to be looked for. */
export function useFaceCamera(order: CameraOrder | null, warm: boolean): LivePicture {
  const { intents } = useKiosk();
  const [stream, setStream] = useState<MediaStream | null>(null);
  const rotation = order?.rotation ?? 0;
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const [camera] = useState(
    () =>
      new FaceCamera({
        devices: 'navigator' in globalThis && 'mediaDevices' in navigator ? navigator.mediaDevices : null,
        clock: systemClock,
        face,
        onStream: setStream,
        sendFrame: intents.faceFrame,
        sendState: intents.cameraState,
      }),
  );
  useEffect(() => {
    if (!warm) return;
    face.warmUp();
    return () => face.release();
  }, [warm]);
  useEffect(() => camera.setOrder(order), [camera, order]);
  useEffect(() => () => camera.setOrder(null), [camera]);
  useEffect(() => {
    if (video === null || stream === null) return;
    camera.setPictures(picturesOf(video, stream, rotation));
    return () => camera.setPictures(null);
  }, [camera, video, stream, rotation]);
  return { stream, rotation, attach: setVideo };
}
