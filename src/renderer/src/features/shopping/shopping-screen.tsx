import { DoorOpen, Gauge, HandHeart, RotateCcw, TriangleAlert, Unplug, UserRoundCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import type { Notice } from '../../kiosk/kiosk-state.ts';
import { Banner } from '../../ui/banner.tsx';
import { ActionButton } from '../../ui/buttons.tsx';
import { OpenCabinet } from '../../ui/drawings/open-cabinet.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { useOpenDoors } from '../../ui/door-names.ts';
import { DoorStrip } from '../../ui/door-strip.tsx';
import { BasketList } from './basket-list.tsx';
import { Confirmed } from './confirmed.tsx';
import { DoorStatus } from './door-status.tsx';
import { Total } from './total.tsx';

type ShoppingView = Extract<VisitView, { screen: 'shopping' }>;

/** The basket as it is now, what it costs, and the confirmation. */
export function ShoppingScreen({ view }: { view: ShoppingView }) {
  const { t } = useTranslation();
  const { basket } = view;
  const empty = basket.lines.length === 0 && basket.foreign.length === 0 && basket.unknownTakenCount === 0;
  const wantsShut = isShutWanted(view);
  const words = wantsShut ? shutWords(view) : empty ? emptyWords : listWords;
  const openDoors = useOpenDoors(view.doors);
  return (
    <ScreenLayout
      screen="shopping"
      title={wantsShut && openDoors !== '' ? t('doors.shutTitle', { door: openDoors }) : t(words.title)}
      lead={t(words.lead)}
      status={<DoorStatus door={view.door} ajarLevel={view.ajarLevel} />}
      aside={view.doors.length > 0 && <DoorStrip doors={view.doors} />}
      footer={<ShoppingFooter view={view} empty={basket.itemCount === 0} />}
    >
      <div className="flex h-full flex-col gap-20">
        <Banners view={view} />
        {wantsShut && !empty && !view.readerTrouble && (
          <div className="h-2/5 shrink-0 big:h-1/4">
            <OpenCabinet wants="close" />
          </div>
        )}
        <div className="min-h-0 flex-1">
          {empty ? (
            <OpenCabinet wants={wantsShut ? 'close' : 'take'} />
          ) : (
            <BasketList basket={basket} report />
          )}
        </div>
      </div>
    </ScreenLayout>
  );
}

const emptyWords = { title: 'shopping.emptyTitle', lead: 'shopping.emptyLead' } as const;
const listWords = { title: 'shopping.title', lead: 'shopping.lead' } as const;

/** All that helps now is to shut the door: it stands open, or the lock cannot say. */
function isShutWanted({ ajarLevel, door }: ShoppingView): boolean {
  return ajarLevel >= 2 || door === 'unknown';
}

/** A door that looks shut and is not has a bolt that did not catch. */
function shutWords({ door }: ShoppingView) {
  const lead = door === 'unknown' ? 'shopping.shutUnknownLead' : 'shopping.shutLead';
  return { title: 'shopping.ajar2', lead } as const;
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
    view.readerTrouble && (
      <Banner key="reader" tone="amber" icon={Unplug}>
        {t('shopping.readerTrouble')}
      </Banner>
    ),
    view.limit?.level === 'over' && <LimitBanner key="limit" limit={view.limit} />,
    noticeBanner,
    view.limit?.level === 'near' && <LimitBanner key="limit" limit={view.limit} />,
    view.ajarLevel === 1 && (
      <Banner key="ajar" tone="plain" icon={DoorOpen}>
        {t('shopping.ajar1')}
      </Banner>
    ),
  ];
  return banners.filter((banner) => banner !== false && banner !== null).slice(0, bannerMax);
}

/** While goods can still be put back: what this visit may cost is nearly reached, or passed. */
function LimitBanner({ limit: { level, maxMinor } }: { limit: NonNullable<ShoppingView['limit']> }) {
  const { t } = useTranslation();
  const amount = useMoney()(maxMinor).text;
  const isOver = level === 'over';
  return (
    <Banner tone={isOver ? 'amber' : 'plain'} icon={Gauge}>
      {t(isOver ? 'shopping.overLimit' : 'shopping.nearLimit', { amount })}
    </Banner>
  );
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
    case 'not_shut':
      return (
        <Banner key="notice" tone="amber" icon={DoorOpen}>
          {t('shopping.notShut')}
        </Banner>
      );
    // Over every screen: ui/toast.tsx.
    case 'failed':
    case 'scan':
    case undefined:
      return null;
  }
}

function ShoppingFooter({ view, empty }: { view: ShoppingView; empty: boolean }) {
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
          <ActionButton
            testId="action-confirm"
            // Another basket: a finger that came down on the one before confirms nothing (ui/guard-touches.ts).
            version={basket.revision}
            kind={isShutWanted(view) ? 'secondary' : 'primary'}
            disabled={empty}
            onPress={() => intents.confirm(basket.revision)}
          >
            {t('shopping.confirm')}
          </ActionButton>
          <p
            className={`mt-22 text-center text-small text-soft ${isShutWanted(view) ? 'big:landscape:hidden' : ''}`}
          >
            {empty ? t('shopping.emptyNote') : t('shopping.afterClose')}
          </p>
        </>
      )}
    </div>
  );
}
