import { reportTextMaxLength } from '../../../../shared/phone/calls.ts';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import type { PhoneApi } from '../../base/client.ts';
import type { ReportDraft } from '../../base/draft.ts';
import { reportText, withoutTaken } from '../../base/draft.ts';
import type { Answer } from '../../base/failure.ts';
import { blobOf } from '../../../ui/photo.ts';

export type Sending =
  { readonly step: 'report' } | { readonly step: 'photo'; readonly number: number; readonly percent: number };

interface SendOptions {
  readonly api: PhoneApi;
  readonly purchase: Pick<PhonePurchase, 'chargeId' | 'photosLeft'>;
  readonly draft: ReportDraft;
  /** The kind of fault in the shopper's language; null: they have not said. */
  readonly kindWord: string | null;
  /** Each step that the operator has taken: kept at once, so that none is sent twice. */
  readonly onTaken: (draft: ReportDraft) => void;
  readonly onStep: (step: Sending) => void;
}

/**
 * The report, then its pictures one by one. Ends at the first that is not taken; begun again it goes on where it ended. Of a
 * picture whose answer was lost, the operator's count tells whether it is there.
 */
export async function sendReport(options: SendOptions): Promise<Answer<null>> {
  const { api, purchase, kindWord, onTaken, onStep } = options;
  const { chargeId } = purchase;
  let { draft } = options;
  const keep = (next: ReportDraft): void => {
    draft = next;
    onTaken(next);
  };
  if (draft.isTaken) {
    const now = await api.ask('purchase', undefined, { chargeId });
    if (!now.ok) return now;
    keep(withoutTaken(draft, now.value.photosLeft));
  } else {
    onStep({ step: 'report' });
    const { disputeId, skus, words } = draft;
    const text = reportText(kindWord, words, reportTextMaxLength);
    const body = { disputeId: disputeId as never, skus: [...skus], text };
    const taken = await api.ask('reportPurchase', body, { chargeId });
    if (!taken.ok) return taken;
    keep({ ...draft, isTaken: true, photosLeft: taken.value.photosLeft });
  }
  const total = draft.photos.length;
  for (let photo = draft.photos[0]; photo !== undefined; photo = draft.photos[0]) {
    const number = total - draft.photos.length + 1;
    onStep({ step: 'photo', number, percent: 0 });
    const sent = await api.sendPhoto(chargeId, blobOf(photo), (percent) =>
      onStep({ step: 'photo', number, percent }),
    );
    if (!sent.ok) return sent;
    keep({ ...draft, photosLeft: sent.value.photosLeft, photos: draft.photos.slice(1) });
  }
  return { ok: true, value: null };
}
