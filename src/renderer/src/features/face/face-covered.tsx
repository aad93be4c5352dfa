import { useTranslation } from 'react-i18next';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { CancelButton } from '../../ui/footer-actions.tsx';
import { Logo } from '../../ui/logo.tsx';

/** What the page has where the face view lies over it: to be seen for a moment, or when that view does not come. */
export function FaceCovered({ countdown, codeOffered }: { countdown: Countdown; codeOffered: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <main className="screen-layout" data-testid="screen-covered">
      <section className="layout-head pt-52 pb-36">
        <h1 className="text-title leading-[1.2] font-extrabold">{t('face.covered.title')}</h1>
      </section>
      <section className="layout-body grid place-items-center">
        <Logo className="size-220" />
      </section>
      <footer className="layout-footer pt-28 pb-56 landscape:pb-48">
        <ButtonRow>
          <CancelButton countdown={countdown}>{t('face.looking.cancel')}</CancelButton>
          {codeOffered && (
            <ActionButton testId="action-choose-code" kind="secondary" onPress={intents.chooseCode}>
              {t('face.looking.code')}
            </ActionButton>
          )}
        </ButtonRow>
      </footer>
    </main>
  );
}
