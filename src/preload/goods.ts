import { exposeKiosk } from './expose.ts';

/** Of the view that looks at goods alone: put in when it is built (electron.vite.config.ts). */
declare const goodsCallPaths: readonly string[];
declare const goodsEventNames: readonly string[];

exposeKiosk(goodsCallPaths, goodsEventNames);
