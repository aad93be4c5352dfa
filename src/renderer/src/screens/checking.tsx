import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../shared/model/visit.ts';
import { BasketList } from '../components/basket-list.tsx';
import { DoorStatus } from '../components/door-status.tsx';
import { NotChargedLines } from '../components/receipt-lines.tsx';
import { Stage } from '../components/stage.tsx';
import { Total } from './shopping.tsx';

/** The last look at the shelf: the same list, what differs from it (always in the shopper's favour), and how long it takes. */
export function CheckingScreen({ view }: { view: Extract<VisitView, { screen: 'checking' }> }) {
  const { t } = useTranslation();
  const { basket, confirmed, heldLines, backLines } = view;
  const differs = heldLines.length + backLines.length > 0;
  return (
    <Stage
      screen="checking"
      title={t('checking.title')}
      lead={t('checking.lead')}
      status={<DoorStatus open={false} />}
      foot={
        <div>
          <Total basket={basket} />
          <div className="flex min-h-152 flex-col justify-center gap-28 rounded-action bg-sunk px-48">
            <span className="relative block h-14 overflow-hidden rounded-full bg-line" aria-hidden="true">
              <span
                className="absolute inset-y-0 left-0 w-1/3 rounded-full bg-jade"
                style={{ animation: 'sweep 1.2s ease-in-out infinite' }}
              />
            </span>
            <p className="text-center text-label font-medium">
              {differs
                ? t('checking.differs')
                : confirmed
                  ? t('checking.confirmed')
                  : t('checking.unconfirmed')}
            </p>
          </div>
        </div>
      }
    >
      <BasketList basket={basket} report={false}>
        <NotChargedLines kind="back" lines={backLines} />
        <NotChargedLines kind="held" lines={heldLines} />
      </BasketList>
    </Stage>
  );
}
