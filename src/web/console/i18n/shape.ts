import type { zh } from './zh.ts';

/** The same tree with every leaf a text, or what makes one: what the second language has to fill. */
type Widen<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: never[]) => string
      ? T[K]
      : Widen<T[K]>;
};
export type Words = Widen<typeof zh>;
