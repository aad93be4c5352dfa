import type { QueueItem } from '../../../../shared/console/work.schema.ts';
import { Go } from '../../base/address.tsx';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { buttonLinkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ActList } from '../acts/act-list.tsx';
import { differenceIntents, incidentIntents } from '../acts/intents.ts';

/** What is listed and is no charge by itself: what is known of it, the charge that it is about, and how it is closed. */
export function ItemDialog({
  item,
  isGone,
  onDone,
  onClose,
}: {
  item: QueueItem;
  /** It was dealt with meanwhile. */
  isGone: boolean;
  onDone: () => void;
  onClose: () => void;
}) {
  const words = useWords();
  const { money, time } = useFormat();
  const [source = '', number = ''] = item.key.split(':');
  const intents =
    source === 'difference' ? differenceIntents(Number(number)) : incidentIntents(Number(number));
  const { codes } = words;
  const what = (source === 'difference' ? codes.differences : codes.incidents)[item.about];
  return (
    <DialogBox heading={codes.kinds[item.kind]} onClose={onClose}>
      <p className="text-label">{what ?? codes.kindWhy[item.kind]}</p>
      <Facts
        facts={[
          [words.time, time(item.atMs)],
          [words.amount, item.amountMinor === null ? null : money(item.amountMinor, item.currency)],
          [words.place, item.cabinetId === '' ? null : item.cabinetId],
          [words.charge, item.chargeId],
          [words.member, item.memberId],
          [words.queue.detail, item.detail === '' ? null : item.detail],
        ]}
      />
      <ActList intents={isGone ? [] : intents} onDone={onDone} />
      <div className="flex flex-wrap justify-end gap-3">
        {item.chargeId !== null && (
          <Go to={`/charges/${item.chargeId}`} className={buttonLinkClass}>
            {words.queue.openCharge}
          </Go>
        )}
        <Button onPress={onClose}>{words.close}</Button>
      </div>
    </DialogBox>
  );
}
