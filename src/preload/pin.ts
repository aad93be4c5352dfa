import { exposeKiosk } from './expose.ts';

/** Of the PIN view alone: put in when it is built (electron.vite.config.ts). */
declare const pinCallPaths: readonly string[];
declare const pinEventNames: readonly string[];

exposeKiosk(pinCallPaths, pinEventNames);
