/** By how many degrees, clockwise, the camera's picture must be turned so that faces stand upright. */
export const cameraRotations = [0, 90, 180, 270] as const;
export type CameraRotation = (typeof cameraRotations)[number];
