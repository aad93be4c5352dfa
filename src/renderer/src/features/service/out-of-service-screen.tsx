import { DoorOpen, Hourglass, Moon, Phone, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { OutOfServiceReason } from '../../../../shared/model/visit.ts';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { OpenCabinet } from '../../ui/drawings/open-cabinet.tsx';
import { HelpCard } from '../../ui/help-card.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import type { Tone } from '../../ui/tones.ts';

const reasonStyles: Readonly<Record<OutOfServiceReason, { tone: Tone; icon: LucideIcon }>> = {
  starting: { tone: 'jade', icon: Hourglass },
  lock_unreachable: { tone: 'amber', icon: Moon },
  reader_unreachable: { tone: 'amber', icon: Moon },
  door_open_without_visit: { tone: 'cinnabar', icon: DoorOpen },
  storage_failed: { tone: 'amber', icon: Moon },
  storage_newer: { tone: 'amber', icon: Moon },
  profile_unreadable: { tone: 'amber', icon: Moon },
  not_enrolled: { tone: 'plain', icon: Moon },
  no_catalog: { tone: 'plain', icon: Moon },
  nothing_heard: { tone: 'plain', icon: Moon },
  too_many_tags: { tone: 'amber', icon: Moon },
  too_warm: { tone: 'amber', icon: Moon },
};

/** Why it does not sell, since when, and whom to call. */
export function OutOfServiceScreen({ view }: { view: Extract<VisitView, { screen: 'out_of_service' }> }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const { reason } = view;
  const look = reasonStyles[reason];
  return (
    <ScreenLayout
      screen="out_of_service"
      reason={reason}
      eyebrow={<StatusIcon tone={look.tone} icon={look.icon} />}
      title={t(`service.words.${reason}.title`)}
      lead={t(`service.words.${reason}.lead`)}
      footer={
        <div className="flex flex-col gap-28">
          <HelpCard icon={Phone} title={t('service.call')} />
          <p className="text-center text-small text-soft">
            {reason !== 'starting' && view.sinceMs > 0 && (
              <>{t('service.since', { time: formatDateTime(view.sinceMs, language) })} · </>
            )}
            {t(view.hasOpenBill ? 'service.earlierCharges' : 'service.noCharge')}
          </p>
        </div>
      }
    >
      <div className="flex h-full flex-col gap-28">
        <div className="min-h-0 flex-1">
          {reason === 'door_open_without_visit' ? (
            <OpenCabinet wants="close" />
          ) : (
            <ClosedCabinet asleep={reason !== 'starting'} />
          )}
        </div>
        <ForStaff />
      </div>
    </ScreenLayout>
  );
}

/** What the staff in front of it can do about the device that is missing. */
function ForStaff() {
  const { t } = useTranslation();
  const { deviceTrouble: trouble } = useKiosk().snapshot;
  if (trouble === undefined || trouble === null) return null;
  const words = `service.staff.${trouble.code}` as const;
  const device = t(`service.device.${trouble.kind}`);
  return (
    <p
      data-testid="for-staff"
      data-code={trouble.code}
      className="text-center text-small leading-snug text-balance text-ink"
    >
      {t('service.forStaff', { device, why: t(`${words}.why`), todo: t(`${words}.todo`) })}
    </p>
  );
}
