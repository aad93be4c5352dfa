import { useEffect, useState } from 'react';
import { systemClock } from '../../../../../shared/clock.ts';
import type { CameraRotation } from '../../../../../shared/model/camera-rotation.ts';
import type { CameraOrder } from '../../../../../shared/model/face-view.schema.ts';
import { openFaceWorker } from '../recognition/face-client.ts';
import { FaceCamera, type FaceCameraParts } from './face-camera.ts';
import { picturesOf } from './pictures.ts';
import { WarmFaceWorker } from './warm-face.ts';

/** One for the face view: it stays warm from one screen to the next, and ends with the view. */
const face = new WarmFaceWorker(openFaceWorker, systemClock);

/** The live picture for a `<video>`: null until the camera gives one. */
export interface LivePicture {
  readonly stream: MediaStream | null;
  /** By how much it is to be turned to be upright. */
  readonly rotation: CameraRotation;
  /** The element that shows it, as a `ref`. */
  readonly attach: (video: HTMLVideoElement | null) => void;
}

/** Where the numbers of the camera go. */
export type FaceLink = Pick<FaceCameraParts, 'sendFrame' | 'sendState'>;

/** Runs the camera exactly while there is an order and the component stands; the models are warmed up as soon as it does. */
export function useFaceCamera(order: CameraOrder | null, link: FaceLink): LivePicture {
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
        ...link,
      }),
  );
  useEffect(() => face.warmUp(), []);
  useEffect(() => camera.setOrder(order), [camera, order]);
  useEffect(() => () => camera.setOrder(null), [camera]);
  useEffect(() => {
    if (video === null || stream === null) return;
    camera.setPictures(picturesOf(video, stream, rotation));
    return () => camera.setPictures(null);
  }, [camera, video, stream, rotation]);
  return { stream, rotation, attach: setVideo };
}
