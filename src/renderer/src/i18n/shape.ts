import type { ActsWhen, ReasonCause, ReasonCode } from '../../../shared/model/charge.ts';
import type { DeviceTrouble } from '../../../shared/model/device.ts';
import type { EnrolEnd, FaceEnd, FaceGuide } from '../../../shared/model/face-view.schema.ts';
import type { PaymentMeans } from '../../../shared/model/member.ts';
import type { PurchaseList } from '../../../shared/model/purchase.ts';
import type { ResolutionActor, ShownResolutionHow } from '../../../shared/model/resolution.ts';
import type { ToldStatus } from '../../../shared/model/told-money.ts';
import type { OutOfServiceReason, ScanAnswer } from '../../../shared/model/visit.ts';

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
interface ServiceWords {
  readonly title: string;
  readonly lead: string;
}
export type ByStatus = Readonly<Record<ToldStatus, StatusWords>>;
/** For the staff at a cabinet that does not sell: what is the matter with a device, what to do about it. */
interface StaffWords {
  readonly why: string;
  readonly todo: string;
}
/** One entry for each code of a device that is of no use, nested as in `ByReason`. */
export type ByDeviceTrouble = {
  readonly [From in 'device' | 'host' | 'fault']: {
    readonly [
      Code in DeviceTrouble['code'] as Code extends `${From}.${infer Rest}` ? Rest : never
    ]: StaffWords;
  };
};
export type ByService = Readonly<Record<OutOfServiceReason, ServiceWords>>;

/** Why a look at a face is over, and what helps. */
interface EndingWords {
  readonly title: string;
  readonly lead: string;
}
export type ByGuide = Readonly<Record<FaceGuide, string>>;
export type ByFaceEnd = Readonly<Record<FaceEnd, EndingWords>>;
export type ByEnrolEnd = Readonly<Record<EnrolEnd, EndingWords>>;

/** By what a member pays. */
export type ByMeans = Readonly<Record<PaymentMeans, string>>;
/** What is said to a scan that leads nowhere. */
export type ByScanAnswer = Readonly<Record<ScanAnswer, string>>;
/** How far the list of purchases is. */
export type ByPurchaseList = Readonly<Record<PurchaseList, string>>;
/** The same, where the operator's list from an answer before stands there. */
export type ByOldPurchaseList = Readonly<Record<Exclude<PurchaseList, 'loading' | 'complete'>, string>>;
/** How a purchase was put right that had waited for a human, and who did it. */
export type ByResolutionHow = Readonly<Record<ShownResolutionHow, string>>;
export type ByResolutionActor = Readonly<Record<ResolutionActor, string>>;
/** When, and with that who acts next. */
export type ByWhen = Readonly<Record<ActsWhen, string>>;

/** The same tree with every leaf a string: what the second language has to fill. */
export type Widen<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widen<T[K]> };
