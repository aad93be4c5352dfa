import {
  BellRing,
  DoorOpen,
  HandHeart,
  RotateCcw,
  TriangleAlert,
  Unplug,
  UserRoundCheck,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Basket } from '../../../shared/model/basket.ts';
import type { Minor } from '../../../shared/money.ts';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action } from '../components/action.tsx';
import { Banner } from '../components/banner.tsx';
import { BasketList } from '../components/basket-list.tsx';
import { Confirmed } from '../components/confirmed.tsx';
import { Money } from '../components/money.tsx';
import { Stage } from '../components/stage.tsx';
import { DoorStatus } from '../components/door-status.tsx';
import { OpenCabinet } from '../drawings/open-cabinet.tsx';
import { useKiosk, useMoney, useText } from '../kiosk/context.ts';
import type { Notice } from '../kiosk/kiosk-state.ts';

type ShoppingView = Extract<VisitView, { screen: 'shopping' }>;

/** The basket as it is now, what it costs, and the confirmation. */
export function ShoppingScreen({ view }: { view: ShoppingView }) {
  const { t } = useTranslation();
  const { basket } = view;
  const empty = basket.lines.length === 0 && basket.foreign.length === 0 && basket.unknownTakenCount === 0;
  return (
    <Stage
      screen="shopping"
      title={empty ? t('shopping.emptyTitle') : t('shopping.title')}
      lead={empty ? t('shopping.emptyLead') : t('shopping.lead')}
      status={<DoorStatus open />}
      foot={<Foot view={view} empty={basket.itemCount === 0} />}
    >
      <div className="flex h-full flex-col gap-20">
        <Banners view={view} />
        <div className="min-h-0 flex-1">
          {empty ? <OpenCabinet wants="take" /> : <BasketList basket={basket} report />}
        </div>
      </div>
    </Stage>
  );
}

/** Banners that fit above the list at once. */
const bannerMax = 2;

/** Above the list: the gravest one or two things to know. */
function Banners({ view }: { view: ShoppingView }) {
  const { t } = useTranslation();
  const { notice } = useKiosk();
  const noticeBanner = useNoticeBanner(notice);
  const banners = [
    view.ajarLevel === 3 && (
      <Banner key="ajar" tone="cinnabar" icon={UserRoundCheck}>
        {t('shopping.ajar3')}
      </Banner>
    ),
    view.ajarLevel === 2 && (
      <Banner key="ajar" tone="amber" icon={BellRing}>
        {t('shopping.ajar2')}
      </Banner>
    ),
    view.readerTrouble && (
      <Banner key="reader" tone="amber" icon={Unplug}>
        {t('shopping.readerTrouble')}
      </Banner>
    ),
    noticeBanner,
    view.ajarLevel === 1 && (
      <Banner key="ajar" tone="plain" icon={DoorOpen}>
        {t('shopping.ajar1')}
      </Banner>
    ),
  ];
  return banners.filter((banner) => banner !== false && banner !== null).slice(0, bannerMax);
}

/** The answer to what has just happened. */
function useNoticeBanner(notice: Notice | null): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  switch (notice?.kind) {
    case 'put_back': {
      const [only, ...more] = notice.names;
      const words =
        only === undefined || more.length > 0
          ? t('shopping.putBackMany')
          : t('shopping.putBack', { name: text(only) });
      return (
        <Banner key="notice" tone="jade" icon={HandHeart}>
          {words}
        </Banner>
      );
    }
    case 'taken_back':
      return (
        <Banner key="notice" tone="amber" icon={RotateCcw}>
          {t('shopping.takenBack')}
        </Banner>
      );
    case 'stale':
      return (
        <Banner key="notice" tone="amber" icon={TriangleAlert}>
          {t('notice.stale')}
        </Banner>
      );
    case 'failed':
    case undefined:
      return null;
  }
}

function Foot({ view, empty }: { view: ShoppingView; empty: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { basket, confirmed } = view;
  return (
    <div>
      <Total basket={basket} />
      {confirmed ? (
        <Confirmed />
      ) : (
        <>
          <Action testId="action-confirm" disabled={empty} onPress={() => intents.confirm(basket.revision)}>
            {t('shopping.confirm')}
          </Action>
          <p className="mt-22 text-center text-small text-soft big:landscape:hidden">
            {empty ? t('shopping.emptyNote') : t('shopping.afterClose')}
          </p>
        </>
      )}
    </div>
  );
}

/** What the shopper has marked as wrong, in minor units: shown, not charged before somebody has looked. */
function heldMinor(basket: Basket): Minor {
  // Integers in, integer out; `sumMinor` of the shared money would bring zod into the page.
  return basket.lines.reduce((sum, l) => (l.reported ? sum + l.amountMinor : sum), 0) as Minor;
}

/** How much it all is; and how much of it is not charged until somebody has looked. */
export function Total({ basket }: { basket: Basket }) {
  const { t } = useTranslation();
  const money = useMoney();
  const held = heldMinor(basket);
  return (
    <div className="mb-28 border-t-3 border-line pt-20">
      <div className="flex flex-wrap items-baseline justify-between gap-x-20">
        <span className="text-body text-soft">{t('shopping.items', { count: basket.itemCount })}</span>
        <span data-testid="basket-total" className="ml-auto">
          <Money
            amount={basket.totalMinor}
            className="text-total leading-[1.05] font-extrabold tracking-[-0.02em]"
          />
        </span>
      </div>
      {held > 0 && (
        <p className="text-right text-small font-medium text-amber-ink">
          {t('shopping.heldPart', { amount: money(held).text })}
        </p>
      )}
    </div>
  );
}
