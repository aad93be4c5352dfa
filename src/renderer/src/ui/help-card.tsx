import type { LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useKiosk } from '../kiosk/context.ts';
import { Card } from './card.tsx';

/** Whom to call and what to say. */
export function HelpCard({ icon: Icon, title }: { icon: LucideIcon; title: string }) {
  const { t } = useTranslation();
  const { cabinet } = useKiosk().snapshot;
  return (
    <Card className="flex items-center gap-32 p-40">
      <span className="grid size-112 shrink-0 place-items-center rounded-full bg-jade-soft text-jade-ink">
        <Icon className="size-52" aria-hidden="true" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="text-label text-soft">{title}</p>
        <p className="tabular text-heading leading-tight font-bold whitespace-nowrap">
          {cabinet.servicePhone}
        </p>
        <p className="mt-4 text-small text-soft">{t('refused.sayCabinet', { id: cabinet.id })}</p>
      </div>
    </Card>
  );
}
