import { ALargeSmall, Languages } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { Button } from 'react-aria-components/Button';
import { useKiosk } from '../kiosk/context.ts';
import { Logo } from './logo.tsx';

/** Top line: whose cabinet this is, what is going on, and the two things that anybody may change. */
export function TopBar({ status }: { status?: ReactNode }) {
  const { t } = useTranslation();
  const { snapshot, language, largeText, toggleLanguage, toggleTextSize } = useKiosk();
  const pill =
    'flex h-96 min-w-96 items-center justify-center gap-14 rounded-full border-2 border-line ' +
    'bg-card px-30 text-[calc(var(--u)*32)] font-medium text-ink data-pressed:bg-sunk';
  return (
    <header className="layout-bar flex items-center gap-20 pt-36 landscape:pt-32">
      <Logo className="h-64 w-64 shrink-0" />
      <span
        className={
          'text-[calc(var(--u)*38)] leading-none font-bold whitespace-nowrap ' +
          (status !== undefined && snapshot.cabinet.simulated ? 'portrait:hidden' : '')
        }
      >
        开门 Kaimen
      </span>
      {snapshot.cabinet.simulated && (
        <span
          className={
            'rounded-card bg-sunk px-22 py-8 text-[calc(var(--u)*28)] leading-tight text-soft ' +
            'portrait:max-w-200 landscape:whitespace-nowrap'
          }
        >
          {t('bar.simulated')}
        </span>
      )}
      <span className="min-w-0 flex-1" />
      {status}
      <ToggleButton
        data-testid="action-large-text"
        isSelected={largeText}
        onChange={toggleTextSize}
        aria-label={t('bar.largeText')}
        className={`${pill} data-selected:border-jade data-selected:bg-jade-soft data-selected:text-jade-ink`}
      >
        <ALargeSmall className="size-44" aria-hidden="true" />
      </ToggleButton>
      <Button
        data-testid="action-language"
        onPress={toggleLanguage}
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        className={pill}
      >
        <Languages className="size-36" aria-hidden="true" />
        {t('bar.otherLanguage')}
      </Button>
    </header>
  );
}
