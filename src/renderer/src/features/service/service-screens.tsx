import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import type { KioskApi } from '../../../../shared/ipc/table.schema.ts';
import type { ServiceView } from '../../../../shared/model/service.schema.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { Logo } from '../../ui/logo.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { OpenPanel } from './open-panel.tsx';
import { RedFrame } from './red-frame.tsx';

type Calls = KioskApi['service'];
type Covered = Extract<ServiceView, { screen: 'covered' }>;

/** Service mode over the shopper's screen: the work itself, or what lies below the number pad of the PIN view. */
export function ServiceScreens({ view, calls }: { view: ServiceView; calls: Calls }) {
  switch (view.screen) {
    case 'covered':
      return <UnderPad view={view} calls={calls} />;
    case 'open':
      return <OpenPanel key={view.sessionId} view={view} calls={calls} />;
    default:
      return unreachable(view);
  }
}

/** To be seen for a moment before the pad is drawn; or the pad has died, and that is said. */
function UnderPad({ view, calls }: { view: Covered; calls: Calls }) {
  const { t } = useTranslation();
  const { isPadLost, isAtWork, door } = view;
  return (
    <>
      {isAtWork && <RedFrame />}
      <ScreenLayout
        screen="service"
        reason={isPadLost ? 'padLost' : 'covered'}
        title={t(isAtWork ? `serviceMode.atWork.${door}` : 'serviceMode.padTitle')}
        lead={isPadLost ? t('serviceMode.padLost') : undefined}
        footer={
          isPadLost &&
          !isAtWork && (
            <ActionButton testId="action-close" kind="secondary" onPress={() => void calls.close({})}>
              {t('serviceMode.back')}
            </ActionButton>
          )
        }
      >
        <div className="grid h-full place-items-center">
          <Logo className="size-220" />
        </div>
      </ScreenLayout>
    </>
  );
}
