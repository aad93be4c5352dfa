/** What both Node and browsers have, for code that runs in either (src/shared/clock.ts). */
declare function setTimeout(fn: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const performance: { readonly timeOrigin: number; now(): number };
