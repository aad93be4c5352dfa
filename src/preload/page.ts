import { exposeKiosk } from './expose.ts';

/** Of the page alone: put in when it is built (electron.vite.config.ts). */
declare const pageCallPaths: readonly string[];
declare const pageEventNames: readonly string[];

exposeKiosk(pageCallPaths, pageEventNames);
