import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { Last, Panel, type RoomProps } from './room-parts.tsx';

const TextKeys = lazy(() => import('./text-keys.tsx'));

const refusals = [
  'not_planned',
  'same_place',
  'stands_other',
  'other_scale',
  'seen_by_camera',
  'too_many',
  'nothing_waits',
  'storage',
] as const;
/** As long as a place's word may be (planSlotSchema). */
const placeField = { keys: 'letters', max: 12 } as const;
type Place = NonNullable<RoomProps['view']['places']>[number];

/** Where goods stand, and the way to say that they stand elsewhere: which, where, its effect in words, done. */
export function PlacesPart({ view, calls }: RoomProps) {
  const { t } = useTranslation();
  const [sku, setSku] = useState<string | null>(null);
  const [slot, setSlot] = useState<string | null>(null);
  const places = view.places ?? [];
  const it = places.find((one) => one.sku === sku);
  const close = (): void => {
    setSku(null);
    setSlot(null);
  };
  if (view.places === null)
    return (
      <Panel>
        <p className="text-label text-soft">{t('stock.places.none')}</p>
      </Panel>
    );
  if (it === undefined) return <AllPlaces view={view} calls={calls} places={places} onChoose={setSku} />;
  if (slot === null) return <WhereTo it={it} places={places} onChoose={setSlot} onBack={close} />;
  return <Effect view={view} calls={calls} it={it} places={places} slot={slot} onClose={close} />;
}

function AllPlaces({
  view,
  calls,
  places,
  onChoose,
}: RoomProps & { places: readonly Place[]; onChoose: (sku: string) => void }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const nameOf = useNameOf();
  const { sessionId, isBusy, last } = view;
  const detail = refusals.find((one) => one === last?.detail);
  return (
    <Panel>
      <p className="text-label text-soft">{t('stock.places.lead')}</p>
      <Last
        view={view}
        of={['moveProduct', 'undoMove']}
        words={detail === undefined ? undefined : t(`stock.places.refused.${detail}`)}
      />
      {places.some(({ isWaiting }) => isWaiting) && (
        <ActionButton
          testId="action-undo-move"
          kind="secondary"
          disabled={isBusy}
          onPress={() => void calls.goods({ sessionId, order: { act: 'undoMove' } })}
        >
          {t('stock.places.undo')}
        </ActionButton>
      )}
      <p className="text-label">{t('stock.places.which')}</p>
      {places.map((place) => (
        <div key={place.sku} className="flex flex-col gap-6">
          <QuietButton
            testId={`key-place-${place.sku}`}
            disabled={isBusy}
            onPress={() => onChoose(place.sku)}
          >
            {`${nameOf(place)} · ${place.slot ?? t('stock.places.nowhere')}`}
          </QuietButton>
          {place.moved !== null && (
            <p className="text-small text-amber-ink" data-testid={`moved-${place.sku}`}>
              {t(place.isWaiting ? 'stock.places.movedWaiting' : 'stock.places.moved', {
                planned: place.planned ?? t('stock.places.nowhere'),
                by: t('stock.differences.staff', { staffNo: place.moved.by }),
                when: formatDateTime(place.moved.atMs, language),
              })}
            </p>
          )}
        </div>
      ))}
    </Panel>
  );
}

/** Places that the plan knows, with who stands there; any other is typed. */
function WhereTo({
  it,
  places,
  onChoose,
  onBack,
}: {
  it: Place;
  places: readonly Place[];
  onChoose: (slot: string) => void;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const [isTyping, setIsTyping] = useState(false);
  const known = new Set(places.flatMap(({ slot, planned }) => [slot, planned].filter((one) => one !== null)));
  return (
    <Panel>
      <p className="text-label">
        {t('stock.places.where', { name: nameOf(it), from: it.slot ?? t('stock.places.nowhere') })}
      </p>
      <QuietButton testId="action-place-back" onPress={onBack}>
        {t('serviceMode.back')}
      </QuietButton>
      {isTyping ? (
        <TextKeys field={placeField} value="" onTake={(value) => onChoose(String(value))} />
      ) : (
        <>
          {[...known]
            .filter((slot) => slot !== it.slot)
            .sort()
            .map((slot) => {
              const [other] = places.filter((one) => one.slot === slot);
              return (
                <QuietButton key={slot} testId={`key-slot-${slot}`} onPress={() => onChoose(slot)}>
                  {other === undefined
                    ? t('stock.places.empty', { slot })
                    : t('stock.places.swap', { slot, name: nameOf(other) })}
                </QuietButton>
              );
            })}
          <QuietButton testId="key-slot-typed" onPress={() => setIsTyping(true)}>
            {t('stock.places.type')}
          </QuietButton>
        </>
      )}
    </Panel>
  );
}

/** What it means, in words, before it is done. */
function Effect({
  view,
  calls,
  it,
  places,
  slot,
  onClose,
}: RoomProps & { it: Place; places: readonly Place[]; slot: string; onClose: () => void }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const other = places.find((one) => one.slot === slot && one.sku !== it.sku);
  const words = { name: nameOf(it), from: it.slot ?? t('stock.places.nowhere'), to: slot };
  return (
    <Panel>
      <p className="text-label whitespace-pre-line" data-testid="move-effect">
        {other === undefined
          ? t('stock.places.effect', words)
          : t('stock.places.effectSwap', { ...words, other: nameOf(other) })}
      </p>
      <ActionButton
        testId="action-move-product"
        disabled={view.isBusy}
        onPress={() => {
          const order = { act: 'moveProduct', sku: it.sku, slot, swapWith: other?.sku ?? null } as const;
          void calls.goods({ sessionId: view.sessionId, order });
          onClose();
        }}
      >
        {t('stock.places.do')}
      </ActionButton>
      <ActionButton testId="action-move-product-no" kind="secondary" onPress={onClose}>
        {t('serviceMode.back')}
      </ActionButton>
    </Panel>
  );
}

function useNameOf(): (place: Pick<Place, 'sku' | 'name'>) => string {
  const text = useText();
  return ({ sku, name }) => (name === null ? sku : text(name));
}
