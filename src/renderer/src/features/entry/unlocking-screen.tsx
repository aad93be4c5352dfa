import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { CountdownRing } from '../../ui/countdown-ring.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { WaitBar } from '../../ui/wait.tsx';
import { useDoorName } from '../../ui/door-names.ts';
import { DoorStrip } from '../../ui/door-strip.tsx';
import { CabinetDoors } from './cabinet-shelves.tsx';

/**
 * First the shelf is read and the lock told behind closed doors; then the leaves slide apart and the door may be pulled. Says
 * that it is unlocked only when the lock board has said so.
 */
export function UnlockingScreen({ view }: { view: Extract<VisitView, { screen: 'unlocking' }> }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const { phase, door } = view;
  const nameOf = useDoorName(view.doors.length);
  const open = phase === 'open_now' || phase === 'stuck';
  const [title, lead] = (
    {
      preparing: ['unlocking.preparingTitle', 'unlocking.preparingLead'],
      opening: ['unlocking.preparingTitle', 'unlocking.openingLead'],
      open_now: ['unlocking.openTitle', 'unlocking.openLead'],
      stuck: ['unlocking.stuckTitle', 'unlocking.stuckLead'],
    } as const
  )[phase];
  return (
    <ScreenLayout
      screen="unlocking"
      eyebrow={
        view.member !== '' && (
          <p className="mb-12 text-body font-medium text-jade-ink">
            {t('unlocking.hello', { member: view.member })}
          </p>
        )
      }
      title={open && door !== null ? t('doors.pullTitle', { door: nameOf(door) }) : t(title)}
      titleClassName="text-display big:text-title"
      lead={t(lead)}
      aside={view.doors.length > 0 && <DoorStrip doors={view.doors} />}
      footer={
        phase !== 'preparing' ? (
          <div className="flex flex-col gap-28">
            <div className="flex min-h-152 items-center gap-40 rounded-action bg-jade-soft px-48 py-28 text-jade-ink">
              <CountdownRing
                countdown={view.countdown}
                size={150}
                className="text-jade-ink"
                textClassName="text-[calc(var(--u)*60)]"
              />
              <p className="text-heading leading-tight font-bold">
                {t(view.settles ? 'doors.settles' : 'unlocking.free')}
              </p>
            </div>
            {view.mayUnlockAgain && view.doors.length === 0 && (
              <ActionButton testId="action-unlock-again" kind="secondary" onPress={intents.unlockAgain}>
                {t('unlocking.again')}
              </ActionButton>
            )}
          </div>
        ) : (
          <div className="flex flex-col gap-36">
            <WaitBar countdown={view.countdown} />
            <ActionButton testId="action-cancel" kind="secondary" onPress={intents.cancel}>
              {t('unlocking.cancel')}
            </ActionButton>
          </div>
        )
      }
    >
      <CabinetDoors open={open} products={snapshot.products} />
    </ScreenLayout>
  );
}
