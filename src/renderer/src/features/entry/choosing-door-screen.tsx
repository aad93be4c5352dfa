import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { useDoorName } from '../../ui/door-names.ts';

const nameClass =
  'text-center text-display leading-tight font-extrabold first-letter:uppercase big:text-title';

/** Which of several doors: one touch opens it. The others can be opened later in the same visit. */
export function ChoosingDoorScreen({ view }: { view: Extract<VisitView, { screen: 'choosing_door' }> }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { doorCount, stuckDoors, member, countdown } = view;
  const nameOf = useDoorName(doorCount);
  const doors = Array.from({ length: doorCount }, (_, index) => index + 1);
  return (
    <ScreenLayout
      screen="choosing_door"
      eyebrow={
        member !== '' && (
          <p className="mb-12 text-body font-medium text-jade-ink">{t('unlocking.hello', { member })}</p>
        )
      }
      title={t('doors.chooseTitle')}
      titleClassName="text-display big:text-title"
      lead={t('doors.chooseLead')}
      footer={
        <ActionButton testId="action-cancel" kind="secondary" countdown={countdown} onPress={intents.cancel}>
          {t('unlocking.cancel')}
        </ActionButton>
      }
    >
      <div className={`grid h-full auto-rows-fr gap-28 ${doorCount === 3 ? 'grid-cols-3' : 'grid-cols-2'}`}>
        {doors.map((door) =>
          stuckDoors.includes(door) ? (
            <div
              key={door}
              data-testid={`stuck-door-${door}`}
              className="flex flex-col items-center justify-end gap-12 rounded-card border-14 border-line bg-sunk p-36
                text-soft"
            >
              <span className={nameClass}>{nameOf(door)}</span>
              <span className="text-center text-label leading-tight font-bold">
                {t('doors.outOfService')}
              </span>
            </div>
          ) : (
            <Button
              key={door}
              data-testid={`action-open-door-${door}`}
              onPress={() => intents.openDoor(door)}
              className="relative flex flex-col items-center justify-end overflow-hidden rounded-card border-14
                border-jade bg-jade-soft p-36 text-jade-ink transition-transform duration-75 data-pressed:scale-[0.985]
                data-pressed:bg-jade data-pressed:text-on-jade"
            >
              <Glass handle={doorCount === 2 && door === 1 ? 'right' : 'left'} />
              <span className={`relative ${nameClass}`}>{nameOf(door)}</span>
            </Button>
          ),
        )}
      </div>
    </ScreenLayout>
  );
}

/** A glass door as it is seen from the front: light on it, and the handle where the leaves meet. */
function Glass({ handle }: { handle: 'left' | 'right' }) {
  return (
    <span aria-hidden="true" className="absolute inset-0">
      <span className="absolute inset-y-0 left-[18%] w-[16%] -skew-x-12 bg-white/35 night:bg-white/8" />
      <span className="absolute inset-y-0 left-[40%] w-[5%] -skew-x-12 bg-white/30 night:bg-white/6" />
      <span
        className={`absolute top-1/2 h-240 w-22 -translate-y-1/2 rounded-full bg-jade
          ${handle === 'right' ? 'right-22' : 'left-22'}`}
      />
    </span>
  );
}
