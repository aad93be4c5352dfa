import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { isSupportFailure } from '../../../../shared/model/support-bundle.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { DatesPart } from './dates-part.tsx';
import { PhotosPart } from './photos-part.tsx';
import { PlacesPart } from './places-part.tsx';
import { RestockPart } from './restock-part.tsx';
import { Fact, Last, Panel, type RoomProps, type ScanProps, signed } from './room-parts.tsx';

const parts = ['stock', 'restock', 'places', 'photos', 'dates', 'differences'] as const;
type Part = (typeof parts)[number];

/** What lies inside, and what of it was gone or too much. */
export function GoodsRoom({ view, calls, ...scan }: RoomProps & ScanProps) {
  const { t } = useTranslation();
  const [chosen, setPart] = useState<Part>(view.restock === null ? 'stock' : 'restock');
  // Whoever holds goods before the scanner wants to say something of them.
  const isScanned = (view.scanned?.seq ?? 0) > scan.handledSeq;
  const part = isScanned && chosen !== 'photos' ? 'dates' : chosen;
  const counts: Readonly<Record<Part, number>> = {
    stock: 0,
    restock: 0,
    places: view.places?.filter(({ moved }) => moved !== null).length ?? 0,
    photos: 0,
    dates: view.lots.filter(({ state }) => state !== 'good').length,
    differences: view.differences.length,
  };
  return (
    <div className="flex flex-col gap-24">
      <div className="grid grid-cols-3 gap-8">
        {parts.map((one) => (
          <Button
            key={one}
            data-testid={`key-goods-${one}`}
            aria-current={one === part ? 'page' : 'false'}
            onPress={() => {
              setPart(one);
              scan.onHandled(view.scanned?.seq ?? 0);
            }}
            className={
              'min-h-96 rounded-tile px-8 text-small leading-tight ' +
              (one === part ? 'bg-ink text-paper' : 'bg-sunk text-ink')
            }
          >
            {t(`stock.part.${one}`)}
            {counts[one] > 0 && <span className="tabular"> ({counts[one]})</span>}
          </Button>
        ))}
      </div>
      <PartOf part={part} view={view} calls={calls} scan={scan} />
    </div>
  );
}

function PartOf({ part, scan, ...room }: RoomProps & { part: Part; scan: ScanProps }) {
  switch (part) {
    case 'stock':
      return <Stock {...room} />;
    case 'restock':
      return <RestockPart {...room} />;
    case 'places':
      return <PlacesPart {...room} />;
    case 'photos':
      return <PhotosPart {...room} {...scan} />;
    case 'dates':
      return <DatesPart {...room} {...scan} />;
    case 'differences':
      return <Differences {...room} />;
    default:
      return unreachable(part);
  }
}

function Stock({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const text = useText();
  const { stock } = view;
  if (stock === null)
    return (
      <Panel>
        <p className="text-label">{t('serviceMode.counting')}</p>
      </Panel>
    );
  return (
    <Panel>
      {/* Before the list: below the last of many goods nobody would see it. */}
      <p className="text-label text-soft">{t('serviceMode.acceptEffect')}</p>
      <ActionButton
        testId="action-accept-stock"
        disabled={view.whyNotLeave !== null || view.isBusy}
        onPress={() => void calls.acceptStock({ sessionId: view.sessionId })}
      >
        {t('serviceMode.accept')}
      </ActionButton>
      <Last view={view} of={['acceptStock']} />
      {stock.map(({ sku, name, before, now }) => {
        const difference = before === null ? 0 : now - before;
        return (
          <Fact
            key={sku}
            label={text(name)}
            value={difference === 0 ? String(now) : `${now} (${signed(difference)})`}
          />
        );
      })}
    </Panel>
  );
}

/** Of each: what, how many, since when, and who had the door meanwhile. */
function Differences({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const text = useText();
  const why = view.last?.detail ?? '';
  const nameOf = (who: string): string => {
    const [, staffNo] = /^service:(.+)$/.exec(who) ?? [];
    return staffNo === undefined ? who : t('stock.differences.staff', { staffNo });
  };
  return (
    <Panel>
      <p className="text-label text-soft">
        {t(view.differences.length === 0 ? 'stock.differences.none' : 'stock.differences.lead')}
      </p>
      {view.differences.length > 0 && (
        <ActionButton
          testId="action-save-differences"
          kind="secondary"
          disabled={view.isBusy}
          onPress={() => void calls.goods({ sessionId: view.sessionId, order: { act: 'saveDifferences' } })}
        >
          {t('stock.differences.save')}
        </ActionButton>
      )}
      <Last
        view={view}
        of={['saveDifferences']}
        words={isSupportFailure(why) ? t(`serviceMode.support.failure.${why}`) : undefined}
      />
      {view.differences.map(({ id, sku, name, expected, counted, atMs, sinceMs, between, betweenCount }) => (
        <div key={id} className="flex flex-col gap-6 border-b-2 border-line pb-12">
          <p className="flex justify-between gap-24 text-label">
            <span className="min-w-0 break-words">{name === null ? sku : text(name)}</span>
            <span className="tabular shrink-0 font-bold text-cinnabar-ink">{signed(counted - expected)}</span>
          </p>
          <p className="tabular text-small text-soft">
            {t('stock.differences.when', {
              from: formatDateTime(sinceMs, language),
              to: formatDateTime(atMs, language),
            })}
          </p>
          <p className="text-small break-words text-soft">
            {betweenCount === 0
              ? t('stock.differences.nobody')
              : t('stock.differences.between', { count: betweenCount, who: between.map(nameOf).join(', ') })}
          </p>
        </div>
      ))}
    </Panel>
  );
}
