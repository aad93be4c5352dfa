import { Component, type ReactNode } from 'react';
import { translations } from '../../i18n/i18n.ts';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { Logo } from '../../ui/logo.tsx';

/** A page that failed is loaded again after this; main holds the visit, so nothing is lost. */
const reloadAfterMs = 3_000;

/** The last resort: plain words in both languages instead of a blank screen, then the page is loaded again. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override componentDidCatch(): void {
    setTimeout(() => window.location.reload(), reloadAfterMs);
  }
  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

/** Draws without any state of the app, because that may be what failed. */
export function Broken() {
  return (
    <main className="flex h-screen flex-col gap-40 p-72" data-testid="screen-broken">
      <Logo className="size-96" />
      <div className="min-h-0 flex-1">
        <ClosedCabinet asleep />
      </div>
      <Words language="zh" />
      <Words language="en" />
    </main>
  );
}

function Words({ language }: { language: 'zh' | 'en' }) {
  const { t } = translations[language];
  return (
    <section lang={language}>
      <h1 className="text-title leading-tight font-extrabold">{t('broken.title')}</h1>
      <p className="mt-12 text-body text-soft">{t('broken.lead')}</p>
    </section>
  );
}
