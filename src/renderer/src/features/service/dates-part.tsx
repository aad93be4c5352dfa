import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dayNumberOf, daySample } from '../../../../shared/util/calendar-day.ts';
import { useText } from '../../kiosk/context.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { NumberPad } from './number-pad.tsx';
import { Last, Panel, type RoomProps, type ScanProps } from './room-parts.tsx';

type Lot = RoomProps['view']['lots'][number];
const refusals = ['past', 'far', 'full', 'unknown', 'storage'] as const;

/** Until when goods are good: what has to go, what is due, and the day of what is put in. */
export function DatesPart({ view, calls, handledSeq, onHandled }: RoomProps & ScanProps) {
  const { t } = useTranslation();
  const [isAdding, setIsAdding] = useState(false);
  const { scanned, sessionId, last } = view;
  // A bar code that is held before the scanner opens it with that product, once.
  const isNew = scanned !== null && scanned.seq > handledSeq;
  const close = (): void => {
    setIsAdding(false);
    onHandled(scanned?.seq ?? 0);
  };
  if (isAdding || (isNew && scanned.sku !== null))
    return (
      <NewLot
        key={scanned?.seq ?? 0}
        view={view}
        calls={calls}
        known={isNew ? scanned.sku : null}
        onClose={close}
      />
    );
  const detail = refusals.find((one) => one === last?.detail);
  return (
    <Panel>
      <p className="text-label text-soft">{t('stock.dates.lead')}</p>
      <ActionButton testId="action-add-lot" disabled={view.isBusy} onPress={() => setIsAdding(true)}>
        {t('stock.dates.add')}
      </ActionButton>
      {isNew && (
        <p role="status" className="text-label text-cinnabar-ink">
          {t('stock.dates.noProduct', { text: scanned.text })}
        </p>
      )}
      <Last
        view={view}
        of={['addLot', 'removeLot']}
        words={detail === undefined ? undefined : t(`stock.dates.refused.${detail}`)}
      />
      {view.lots.length === 0 && <p className="text-label">{t('stock.dates.none')}</p>}
      {view.lots.map((lot) => (
        <LotRow
          key={`${lot.sku} ${lot.bestBefore}`}
          lot={lot}
          isBusy={view.isBusy}
          onRemove={() => {
            const { sku, bestBefore, count } = lot;
            void calls.goods({ sessionId, order: { act: 'removeLot', lot: { sku, bestBefore, count } } });
          }}
        />
      ))}
    </Panel>
  );
}

/** One lot, and the way to say that it was taken out. */
export function LotRow({ lot, isBusy, onRemove }: { lot: Lot; isBusy: boolean; onRemove: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const { sku, name, bestBefore, count, state } = lot;
  const colour = { expired: 'text-cinnabar-ink', soon: 'text-amber-ink', good: 'text-soft' }[state];
  return (
    <div className="flex items-center justify-between gap-24 border-b-2 border-line pb-12">
      <div className="min-w-0">
        <p className="text-label break-words">
          {name === null ? sku : text(name)} ×{count}
        </p>
        <p className={`tabular text-small ${colour}`}>{t(`stock.dates.${state}`, { day: bestBefore })}</p>
      </div>
      <div className="shrink-0">
        <QuietButton testId={`action-remove-${sku}-${bestBefore}`} disabled={isBusy} onPress={onRemove}>
          {t('stock.dates.remove')}
        </QuietButton>
      </div>
    </div>
  );
}

/** Which article, until when, how many. */
function NewLot({ view, calls, known, onClose }: RoomProps & { known: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const [sku, setSku] = useState(known);
  const [digits, setDigits] = useState('');
  const [day, setDay] = useState<string | null>(null);
  const [count, setCount] = useState('');
  const back = (
    <QuietButton testId="action-lot-back" onPress={onClose}>
      {t('serviceMode.back')}
    </QuietButton>
  );
  if (sku === null)
    return (
      <Panel>
        <p className="text-label text-soft">{t('stock.dates.which')}</p>
        {back}
        {view.products.map((product) => (
          <QuietButton
            key={product.sku}
            testId={`key-product-${product.sku}`}
            onPress={() => setSku(product.sku)}
          >
            {text(product.name)}
          </QuietButton>
        ))}
      </Panel>
    );
  const name = view.products.find((product) => product.sku === sku)?.name;
  const label = name === undefined ? sku : text(name);
  const asDay = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const pad = { isSecret: false, isDisabled: view.isBusy, doneLabel: t('serviceMode.next') };
  return (
    <div className="flex flex-col gap-24">
      {back}
      {day === null ? (
        <NumberPad
          {...pad}
          label={t('stock.dates.day', { name: label, sample: daySample })}
          value={digits}
          maxLength={8}
          canBeDone={dayNumberOf(asDay) !== null}
          onChange={setDigits}
          onDone={() => setDay(asDay)}
        />
      ) : (
        <NumberPad
          {...pad}
          label={t('stock.dates.count', { name: label, day })}
          value={count}
          maxLength={3}
          canBeDone={Number(count) > 0}
          onChange={setCount}
          onDone={() => {
            const lot = { sku, bestBefore: day, count: Number(count) };
            void calls.goods({ sessionId: view.sessionId, order: { act: 'addLot', lot } });
            onClose();
          }}
        />
      )}
    </div>
  );
}
