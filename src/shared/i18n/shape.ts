import type { ActsWhen, ReasonCause, ReasonCode } from '../model/charge.ts';
import type { PaymentMeans } from '../model/member.ts';
import type { ResolutionActor, ShownResolutionHow } from '../model/resolution.ts';
import type { ToldStatus } from '../model/told-money.ts';

/** One entry for each reason code, as the nested object that i18next wants. A new code does not compile until it has words. */
export type ByReason<T> = {
  readonly [Cause in ReasonCause]: {
    readonly [Code in ReasonCode as Code extends `${Cause}.${infer Rest}` ? Rest : never]: T;
  };
};

/** Before the door opened: what is the matter, what helps. */
export interface RefusedWords {
  readonly title: string;
  readonly remedy: string;
}
/** After a purchase: what happened, what it means for the money and who does what next. */
export interface ChargeWords {
  readonly why: string;
  readonly next: string;
}
interface StatusWords {
  readonly title: string;
  readonly chip: string;
  readonly note: string;
}
export type ByStatus = Readonly<Record<ToldStatus, StatusWords>>;
/** By what a member pays. */
export type ByMeans = Readonly<Record<PaymentMeans, string>>;
/** How a purchase was put right that had waited for a human, and who did it. */
export type ByResolutionHow = Readonly<Record<ShownResolutionHow, string>>;
export type ByResolutionActor = Readonly<Record<ResolutionActor, string>>;
/** When, and with that who acts next. */
export type ByWhen = Readonly<Record<ActsWhen, string>>;

/** The same tree with every leaf a string: what the second language has to fill. */
export type Widen<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widen<T[K]> };
