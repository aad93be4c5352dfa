import { exposeKiosk } from './expose.ts';

/** Of the face view alone: put in when it is built (electron.vite.config.ts). */
declare const faceCallPaths: readonly string[];
declare const faceEventNames: readonly string[];

exposeKiosk(faceCallPaths, faceEventNames);
