import type { DeviceTrouble } from '../../../shared/model/device.ts';
import type { EnrolEnd, FaceEnd, FaceGuide } from '../../../shared/model/face-view.schema.ts';
import type { PurchaseList } from '../../../shared/model/purchase.ts';
import type { OutOfServiceReason, ScanAnswer } from '../../../shared/model/visit.ts';

export type { Widen } from '../../../shared/i18n/shape.ts';

interface ServiceWords {
  readonly title: string;
  readonly lead: string;
}
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

/** What is said to a scan that leads nowhere. */
export type ByScanAnswer = Readonly<Record<ScanAnswer, string>>;
/** How far the list of purchases is. */
export type ByPurchaseList = Readonly<Record<PurchaseList, string>>;
/** The same, where the operator's list from an answer before stands there. */
export type ByOldPurchaseList = Readonly<Record<Exclude<PurchaseList, 'loading' | 'complete'>, string>>;
